// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/prove.h"

#include "ledger/object_proof.h"
#include "tests/fs/history/synthetic_ledger.h"

namespace chainfs::fs {
namespace {

using store::CodeOf;
using store::Must;
using store::Take;

class ProveTest : public ::testing::Test {
 protected:
  Result<std::string> Record(uint64_t sequence) {
    auto txn = Take(ledger_.store().BeginRead());
    return ProveRecord(txn, ledger_.Head(), Sequence(sequence));
  }
  Result<BirthProof> Object(uint64_t id) {
    auto txn = Take(ledger_.store().BeginRead());
    return ProveObject(txn, ledger_.Head(), ObjectId(id));
  }

  store::TemporaryDirectory directory_;
  SyntheticLedger ledger_{directory_.path()};
};

TEST_F(ProveTest, EveryRecordCanBeProvenToWhoeverHasTheVkey) {
  ledger_.Append(599);
  for (uint64_t n = 0; n < 600; ++n) {
    const std::string file = Take(Record(n));
    const auto proven = Take(ledger::VerifyRecordProof(file, ledger_.Head().key));
    EXPECT_EQ(proven.record.sequence.value, n);
    EXPECT_EQ(proven.checkpoint.size, 600u);
  }
  EXPECT_EQ(CodeOf(Record(600)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(Record(~uint64_t{0})), ErrorCode::kNotFound);
}

TEST_F(ProveTest, EveryObjectIsFoundAndTheIdsBetweenAreNot) {
  ledger_.Append(599);
  for (uint64_t id = 1; id < ledger_.next_id(); id += 2) {
    const BirthProof proof = Take(Object(id));
    const auto proven = Take(ledger::VerifyObjectProof(proof.file, ledger_.Head().key));
    EXPECT_EQ(proven.birth, SyntheticLedger::BirthOf(id));
    EXPECT_EQ(proven.birth, proof.birth);
    EXPECT_EQ(proven.in.record.sequence, proof.record);
  }
  for (uint64_t id : {uint64_t{0}, uint64_t{2}, uint64_t{400}, ledger_.next_id() - 1,
                      ledger_.next_id(), ~uint64_t{0}}) {
    EXPECT_EQ(CodeOf(Object(id)), ErrorCode::kNotFound) << id;
  }
}

TEST_F(ProveTest, ALedgerOfGenesisAloneHasNoObjects) {
  EXPECT_TRUE(Record(0));
  EXPECT_EQ(CodeOf(Object(1)), ErrorCode::kNotFound);
}

TEST_F(ProveTest, AProofIsWorthNothingUnderAnotherVkey) {
  ledger_.Append(20);
  store::TemporaryDirectory directory;
  const ledger::VerifierKey other = SyntheticLedger(directory.path(), 2).Head().key;
  EXPECT_EQ(CodeOf(ledger::VerifyRecordProof(Take(Record(3)), other)), ErrorCode::kWrongKey);
}

TEST_F(ProveTest, ListsThatAreGoneProveNothing) {
  ledger_.Append(4);
  ledger_.Append(1, [](auto&, auto&) { return Bytes(); });
  EXPECT_EQ(CodeOf(Object(ledger_.next_id() - 2)), ErrorCode::kNotFound);
}

// A row that somebody took out must not make it look as if the object had never been.
TEST_F(ProveTest, OtherListsThanTheRecordCommitsToAreDamage) {
  ledger_.Append(4);
  ledger_.Append(1, [](auto&, ledger::CommitLists& lists) {
    ledger::CommitLists less = lists;
    less.births.pop_back();
    return ledger::EncodeLists(less);
  });
  EXPECT_EQ(CodeOf(Object(ledger_.next_id() - 2)), ErrorCode::kDamaged);
  EXPECT_EQ(CodeOf(Object(ledger_.next_id() - 4)), ErrorCode::kDamaged);
}

TEST_F(ProveTest, DamagedTilesGiveNoProof) {
  ledger_.Append(600);
  EXPECT_TRUE(Record(300));
  auto txn = Take(ledger_.store().BeginWrite());
  Must(txn.PutTile(ledger::KeyOfTile({0, 1}), Bytes(8192, 9)));
  Must(txn.Commit());
  EXPECT_EQ(CodeOf(Record(300)), ErrorCode::kDamaged);
}

}  // namespace
}  // namespace chainfs::fs

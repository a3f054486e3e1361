// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/retention.h"

#include "tests/fs/commit/engine_fixture.h"

namespace chainfs::fs {
namespace {

class RetentionTest : public CommitEngineTest {
 protected:
  // What lies in the graveyard, counted from its beginning.
  static uint64_t CountBytes(const store::ReadTxn& txn, const ChainHead& head) {
    uint64_t bytes = 0;
    for (uint64_t n = head.graveyard.record.value; n <= head.newest.value; ++n) {
      const auto lists = ledger::DecodeLists(*txn.FindLists(Sequence(n)));
      for (size_t i = n == head.graveyard.record.value ? head.graveyard.index : 0;
           i < lists->deaths.size(); ++i) {
        bytes += lists->deaths[i].sealed_bytes;
      }
    }
    return bytes;
  }
};

TEST_F(RetentionTest, MountKnowsHowLargeTheGraveyardIs) {
  Open();
  MakeFile();
  for (uint64_t round = 0; round < 4; ++round) {
    for (size_t i = 0; i < kRetainedCommits / 2; ++i) {
      Write(i * 5000 % 100000, Pattern(6000, i));
      Sync();
    }
    Close();
    auto store = store::Store::Open(directory_, {.read_only = true});
    ASSERT_TRUE(store);
    const auto head = ReadChainHead(**store, VolumeId{}, Digest{}, Digest{});
    ASSERT_TRUE(head);
    EXPECT_EQ(head->graveyard.record.value > 1, round >= 2);
    {
      auto txn = (*store)->BeginRead();
      EXPECT_EQ(head->graveyard.bytes, CountBytes(*txn, *head)) << round;
    }
    store->reset();
    Open();
  }
}

TEST_F(RetentionTest, DeletesNothingThatTheRecordDoesNotSay) {
  auto store = store::Store::Open(directory_, {.create = true});
  ASSERT_TRUE(store);
  ledger::Record record;
  record.type = ledger::RecordType::kCommit;
  record.sequence = Sequence(1);
  record.births_root = ledger::BirthsRoot({});
  record.deaths_digest = record.reaps_digest = ledger::DeathsDigest({});
  ledger::CommitLists lists;
  lists.deaths.push_back({ObjectId(7), 100});
  ledger::Record genesis;
  genesis.type = ledger::RecordType::kGenesis;
  genesis.deaths_digest = ledger::DeathsDigest({});
  {
    auto txn = (*store)->BeginWrite();
    ASSERT_TRUE(txn->PutRecord(Sequence(0), ledger::EncodeRecord(genesis)));
    ASSERT_TRUE(txn->PutLists(Sequence(0), ledger::EncodeLists({})));
    ASSERT_TRUE(txn->PutRecord(Sequence(1), ledger::EncodeRecord(record)));
    ASSERT_TRUE(txn->PutLists(Sequence(1), ledger::EncodeLists(lists)));
    ASSERT_TRUE(txn->Commit());
  }
  ChainHead head;
  head.newest = Sequence(1);
  auto txn = (*store)->BeginRead();
  const auto plan = PlanReaping(*txn, head, true);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kDamaged);
}

}  // namespace
}  // namespace chainfs::fs

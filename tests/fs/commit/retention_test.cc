// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/retention.h"

#include "fs/commit/sealed_commit.h"
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
    const auto head = ReadHead(**store);
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

// A store of two records by hand: what the second one commits to, and what lies beside it.
class ForgedListsTest : public CommitEngineTest {
 protected:
  void Put(const ledger::CommitLists& said, const ledger::CommitLists& stored) {
    auto store = store::Store::Open(directory_, {.create = true});
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    ledger::Record genesis, record;
    genesis.type = ledger::RecordType::kGenesis;
    genesis.deaths_digest = ledger::DeathsDigest({});
    record.sequence = Sequence(1);
    record.deaths_digest = ledger::DeathsDigest(said.deaths);
    record_ = ledger::EncodeRecord(record);
    auto txn = store_->BeginWrite();
    ASSERT_TRUE(txn->PutRecord(Sequence(0), ledger::EncodeRecord(genesis)));
    ASSERT_TRUE(txn->PutLists(Sequence(0), ledger::EncodeLists({})));
    ASSERT_TRUE(txn->PutRecord(Sequence(1), record_));
    ASSERT_TRUE(txn->PutLists(Sequence(1), ledger::EncodeLists(stored)));
    ASSERT_TRUE(txn->Commit());
    head_.newest = Sequence(1);
    head_.edge.Append(ledger::LinkOf(ledger::EncodeRecord(genesis)));
  }
  Result<Reaping> Plan(bool pressure = true) const {
    auto txn = store_->BeginRead();
    return PlanReaping(*txn, head_, LedgerGuard(head_), {pressure, {}});
  }
  static ledger::CommitLists Deaths(uint64_t id) {
    ledger::CommitLists lists;
    lists.deaths.push_back({ObjectId(id), 100});
    return lists;
  }

  std::unique_ptr<store::Store> store_;
  Bytes record_;
  ChainHead head_;
};

TEST_F(ForgedListsTest, WhatTheLedgerSaysIsReaped) {
  Put(Deaths(7), Deaths(7));
  head_.edge.Append(ledger::LinkOf(record_));
  const auto plan = Plan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->objects, Deaths(7).deaths);
}

// Nothing but records without deaths: they are passed, a bounded part at a time.
TEST_F(ForgedListsTest, RecordsWithoutDeathsArePassed) {
  Put({}, {});
  head_.edge.Append(ledger::LinkOf(record_));
  const crypto::SecretKey seed(32);
  auto txn = store_->BeginWrite();
  while (head_.newest.value < kMostListsRead + 200) {
    SealedCommit commit;
    CompleteRecord(head_, {}, 0, seed, commit);
    ASSERT_TRUE(PutRecordOf(*txn, commit));
    head_ = commit.next_head;
  }
  ASSERT_TRUE(txn->Commit());
  auto plan = Plan(false);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->graveyard.record, Sequence(kMostListsRead));
  head_.graveyard = plan->graveyard;
  EXPECT_EQ(Plan(false)->graveyard.record, Sequence(head_.newest.value + 1 - kRetainedCommits));
  head_.graveyard = {};
  EXPECT_EQ(Plan(true)->graveyard.record, Sequence(head_.newest.value + 1));
}

TEST_F(ForgedListsTest, NothingIsReapedThatTheRecordDoesNotSay) {
  Put({}, Deaths(7));
  head_.edge.Append(ledger::LinkOf(record_));
  const auto plan = Plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kDamaged);
}

TEST_F(ForgedListsTest, NothingIsReapedThatARecordOutsideTheLedgerSays) {
  Put(Deaths(7), Deaths(7));
  head_.edge.Append(Digest{1});  // the ledger has another record in this place
  const auto plan = Plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kDamaged);
}

}  // namespace
}  // namespace chainfs::fs

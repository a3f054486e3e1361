// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/retention_holds.h"

#include <set>
#include <thread>

#include "tests/fs/commit/engine_fixture.h"

namespace chainfs::fs {
namespace {

TEST(RetentionHoldsTest, TheOldestCountsUntilItIsLetGoOf) {
  RetentionHolds holds;
  EXPECT_EQ(holds.Oldest(), std::nullopt);
  auto late = holds.Hold(Sequence(9));
  auto early = holds.Hold(Sequence(3));
  EXPECT_EQ(holds.Oldest(), Sequence(3));
  early.reset();
  EXPECT_EQ(holds.Oldest(), Sequence(9));
  late.reset();
  EXPECT_EQ(holds.Oldest(), std::nullopt);
}

TEST(RetentionHoldsTest, ABrokenOneStaysBroken) {
  RetentionHolds holds;
  const auto broken = holds.Hold(Sequence(3));
  holds.BreakAll();
  EXPECT_FALSE(broken->IsHeld());
  EXPECT_EQ(holds.Oldest(), std::nullopt);
  const auto next = holds.Hold(Sequence(5));
  EXPECT_TRUE(next->IsHeld());
  EXPECT_FALSE(broken->IsHeld());
}

class RetentionHoldTest : public CommitEngineTest {
 protected:
  void OverwriteAndSync(size_t times) {
    for (size_t i = 0; i < times; ++i) {
      Write(i * 5000 % 100000, Pattern(6000, ++seed_));
      Sync();
    }
  }
  // What was live when `record` was the newest, by the lists alone.
  std::set<uint64_t> LiveAt(Sequence record) {
    auto txn = core_->store->BeginRead();
    std::set<uint64_t> live;
    for (uint64_t n = 0; n <= record.value; ++n) {
      const auto lists = ledger::DecodeLists(*txn->FindLists(Sequence(n)));
      for (const auto& birth : lists->births) live.insert(birth.id.value);
      for (const auto& death : lists->deaths) live.erase(death.id.value);
    }
    return live;
  }
  size_t CountMissing(const std::set<uint64_t>& objects) {
    auto txn = core_->store->BeginRead();
    return static_cast<size_t>(std::count_if(objects.begin(), objects.end(), [&](uint64_t id) {
      return !txn->FindObject(ObjectId(id));
    }));
  }
  uint64_t seed_ = 0;
};

TEST_F(RetentionHoldTest, KeepsEveryObjectOfItsHead) {
  Open();
  MakeFile();
  OverwriteAndSync(kRetainedCommits + 10);
  auto hold = core_->engine->HoldRetention();
  EXPECT_EQ(hold->head(), core_->engine->status().head);
  const auto live = LiveAt(hold->head());
  OverwriteAndSync(2 * kRetainedCommits);
  EXPECT_TRUE(hold->IsHeld());
  EXPECT_EQ(CountMissing(live), 0u);
  hold.reset();
  OverwriteAndSync(2);
  EXPECT_GT(CountMissing(live), 0u);
  ExpectSoundChain();
}

TEST_F(RetentionHoldTest, TakenWhileOthersCommitKeepsEveryObjectOfItsHead) {
  Open();
  MakeFile();
  OverwriteAndSync(kRetainedCommits);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) OverwriteAndSync(1);
  });
  for (int round = 0; round < 20; ++round) {
    const auto hold = core_->engine->HoldRetention();
    const uint64_t until = hold->head().value + 5;
    while (core_->engine->status().head.value < until) std::this_thread::yield();
    EXPECT_EQ(CountMissing(LiveAt(hold->head())), 0u) << round;
  }
  stop = true;
  writer.join();
  ExpectSoundChain();
}

class RetentionHoldOnAFullDiskTest : public FullDiskTest {};

TEST_F(RetentionHoldOnAFullDiskTest, YieldsRatherThanRefuseWriters) {
  const uint64_t written = FillUntilRefused();
  Truncate(0);
  Sync();
  const auto hold = core_->engine->HoldRetention();
  EXPECT_TRUE(hold->IsHeld());
  // What dies from now on is held. Without it there is room for less than half of this.
  uint64_t refills = 0;
  for (; refills < 3; ++refills) {
    EXPECT_GT(FillUntilRefused(), written / 2) << refills;
    Truncate(0);
    Sync();
  }
  EXPECT_FALSE(hold->IsHeld());
  EXPECT_TRUE(core_->engine->HoldRetention()->IsHeld());
  ExpectSoundChain();
}

TEST_F(RetentionHoldOnAFullDiskTest, IsKeptWhileThereIsRoomWithoutBreakingIt) {
  const uint64_t written = FillUntilRefused();
  Truncate(0);
  Sync();
  const auto hold = core_->engine->HoldRetention();
  // The deaths of before the hold are enough.
  for (uint64_t at = 0; at < written / 4; at += 1 << 20) Write(at, Pattern(1 << 20, at));
  Sync();
  EXPECT_TRUE(hold->IsHeld());
}

}  // namespace
}  // namespace chainfs::fs

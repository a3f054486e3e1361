// SPDX-License-Identifier: GPL-3.0-or-later
// The parts that a check is made of, each by itself.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>

#include "fs/check/batch_runner.h"
#include "fs/check/id_ranges.h"
#include "fs/check/record_group.h"

namespace chainfs::fs::check {
namespace {

TEST(BatchRunnerTest, DoesEachPieceOnceWhateverTheThreads) {
  for (const unsigned threads : {1u, 2u, 7u}) {
    BatchRunner runner(threads);
    runner.Finish();
    for (size_t count : {0u, 1u, 5u, 1000u, 3u, 0u, 777u}) {
      std::vector<std::atomic<int>> done(count);
      runner.Start(count, [&](size_t i) { ++done[i]; });
      runner.Finish();
      for (const auto& times : done) ASSERT_EQ(times, 1);
    }
  }
}

// The next batch is begun the moment the last one has ended, while workers are still waking up.
TEST(BatchRunnerTest, KeepsManySmallBatchesApart) {
  BatchRunner runner(4);
  for (size_t batch = 0; batch < 20000; ++batch) {
    std::atomic<size_t> sum = 0;
    runner.Start(3, [&sum, batch](size_t i) { sum += batch + i; });
    runner.Finish();
    ASSERT_EQ(sum, 3 * batch + 3);
  }
}

TEST(BatchRunnerTest, EndsWithABatchUnderWay) {
  std::atomic<int> done = 0;
  {
    BatchRunner runner(3);
    runner.Start(100, [&](size_t) { ++done; });
  }
  EXPECT_EQ(done, 100);
}

TEST(IdBitmapTest, AgreesWithASet) {
  std::mt19937_64 random(1);
  constexpr uint64_t kFirst = 1000003, kCount = 1000;
  IdBitmap bitmap;
  bitmap.Open(kFirst, kCount);
  std::set<uint64_t> set;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t id = kFirst + random() % kCount;
    if (random() % 3 == 0) {
      bitmap.Remove(id);
      set.erase(id);
    } else {
      bitmap.Add(id);
      set.insert(id);
    }
    ASSERT_EQ(bitmap.Has(id), set.contains(id));
  }
  std::set<uint64_t> listed;
  bitmap.ForEach([&](uint64_t id) { listed.insert(id); });
  EXPECT_EQ(listed, set);
  bitmap.Clear();
  bitmap.ForEach([](uint64_t) { FAIL(); });
}

TEST(IdRangesTest, KnowsWhatLiesInAnyOfThem) {
  IdRanges ranges;
  EXPECT_FALSE(ranges.Has(0));
  ranges.Add(5, 5);
  EXPECT_TRUE(ranges.empty());
  ranges.Add(5, 7);
  ranges.Add(7, 9);
  ranges.Add(20, UINT64_MAX);
  for (const uint64_t in : {5, 6, 7, 8, 20, 1 << 30}) EXPECT_TRUE(ranges.Has(in)) << in;
  for (const uint64_t out : {0, 4, 9, 19}) EXPECT_FALSE(ranges.Has(out)) << out;
}

class RecordGroupTest : public ::testing::Test {
 protected:
  static Digest Link(uint8_t value) {
    Digest link;
    link.fill(value);
    return link;
  }
  // Records 0 to count - 1, with the links 1, 2, ...; the tile that knows them if it is asked for.
  RecordGroup Sound(size_t count, bool with_tile) {
    RecordGroup group;
    for (size_t i = 0; i < count; ++i) {
      ledger::Record record;
      record.sequence = Sequence(i);
      if (i > 0) record.previous_link = Link(static_cast<uint8_t>(i));
      group.records.push_back({true, record, Link(static_cast<uint8_t>(i + 1))});
    }
    group.ends_ledger = true;
    for (size_t i = 0; with_tile && i < count; ++i)
      tile_.insert(tile_.end(), 32, static_cast<uint8_t>(i + 1));
    group.tile = tile_;
    return group;
  }
  // The places of those that are not genuine; that each leaf is the right one is checked.
  static std::set<size_t> Altered(const RecordGroup& group, bool newest_is_genuine = true) {
    std::set<size_t> altered;
    const auto judged = JudgeRecords(group, newest_is_genuine);
    for (size_t i = 0; i < judged.size(); ++i) {
      if (!judged[i].genuine) altered.insert(i);
      if (!judged[i].leaf) continue;
      EXPECT_EQ(*judged[i].leaf, Link(static_cast<uint8_t>(i + 1))) << i;
    }
    return altered;
  }
  Bytes tile_;
};

TEST_F(RecordGroupTest, BlamesTheOneWhoseLinkNobodyElseKnows) {
  for (const bool with_tile : {false, true}) {
    tile_.clear();
    RecordGroup group = Sound(6, with_tile);
    EXPECT_EQ(Altered(group), std::set<size_t>{});
    group.records[2].link = Link(77);
    EXPECT_EQ(Altered(group), std::set<size_t>{2});
    group.records[2].record.reset();
    EXPECT_EQ(Altered(group), std::set<size_t>{2});
  }
}

// What record 3 says of record 2 is wrong since record 3 is.
TEST_F(RecordGroupTest, BlamesTheOneThatSaysOtherwiseThanAllOthers) {
  for (const bool with_tile : {false, true}) {
    tile_.clear();
    RecordGroup group = Sound(6, with_tile);
    group.records[3].record->previous_link = Link(77);
    group.records[3].link = Link(78);
    EXPECT_EQ(Altered(group), std::set<size_t>{3});
  }
}

TEST_F(RecordGroupTest, BlamesNoRecordForADamagedTile) {
  RecordGroup group = Sound(6, true);
  tile_[3 * 32] ^= 1;
  EXPECT_EQ(Altered(group), std::set<size_t>{});
}

TEST_F(RecordGroupTest, TakesTheNewestForWhatItIsToldTo) {
  RecordGroup group = Sound(6, false);
  group.records[5].record->previous_link = Link(77);
  group.records[5].link = Link(78);
  EXPECT_EQ(Altered(group, false), std::set<size_t>{5});
  EXPECT_FALSE(JudgeRecords(group, false)[5].leaf);
}

// However many are wrong at once: what passes for genuine has its own link as its leaf, so that
// the root over the leaves shows the rest.
TEST_F(RecordGroupTest, AGenuineRecordAlwaysStandsForItself) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    tile_.clear();
    RecordGroup group = Sound(8, random() % 2 == 0);
    for (int i = 0; i < 4; ++i) {
      StoredRecord& one = group.records[random() % 8];
      if (random() % 3 == 0) one.link = Link(static_cast<uint8_t>(random() % 12));
      if (random() % 3 == 0 && one.record) {
        one.record->previous_link = Link(static_cast<uint8_t>(random() % 12));
      }
      if (random() % 6 == 0) one.record.reset();
      if (!tile_.empty()) tile_[random() % tile_.size()] ^= 1;
    }
    const auto judged = JudgeRecords(group, random() % 2 == 0);
    for (size_t i = 0; i < judged.size(); ++i) {
      if (!judged[i].genuine) continue;
      ASSERT_TRUE(group.records[i].record);
      ASSERT_EQ(judged[i].leaf, group.records[i].link);
    }
  }
}

}  // namespace
}  // namespace chainfs::fs::check

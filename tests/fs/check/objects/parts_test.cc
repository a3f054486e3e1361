// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of the passes over objects, each by itself.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>

#include "fs/check/objects/batch_runner.h"
#include "fs/check/objects/id_ranges.h"

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

}  // namespace
}  // namespace chainfs::fs::check

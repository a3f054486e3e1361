// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/lookup_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>

namespace chainfs::fs {
namespace {

using Released = LookupCounts::Released;

TEST(LookupCountsTest, TheLastReleaseSaysSo) {
  LookupCounts counts;
  counts.Retain(InodeNumber(7), 3);
  counts.Retain(InodeNumber(7));
  EXPECT_EQ(Released::kNotLast, counts.Release(InodeNumber(7), 3));
  EXPECT_TRUE(counts.IsHeld(InodeNumber(7)));
  EXPECT_EQ(Released::kLast, counts.Release(InodeNumber(7), 1));
  EXPECT_FALSE(counts.IsHeld(InodeNumber(7)));
  EXPECT_EQ(Released::kNotLast, counts.Release(InodeNumber(7), 1)) << "it was not held";
}

TEST(LookupCountsTest, ReleasingTooMuchReleasesWhatIsHeld) {
  LookupCounts counts;
  counts.Retain(InodeNumber(7), 3);
  EXPECT_EQ(Released::kLast, counts.Release(InodeNumber(7), UINT64_MAX));
  EXPECT_EQ(0u, counts.inodes());
}

TEST(LookupCountsTest, RemembersWhichAreOrphans) {
  LookupCounts counts;
  EXPECT_FALSE(counts.MarkOrphan(InodeNumber(7))) << "nobody holds it";
  counts.Retain(InodeNumber(7), 2);
  EXPECT_TRUE(counts.MarkOrphan(InodeNumber(7)));
  EXPECT_EQ(Released::kNotLast, counts.Release(InodeNumber(7), 1));
  EXPECT_EQ(Released::kLastOfOrphan, counts.Release(InodeNumber(7), 1));
  counts.Retain(InodeNumber(7));
  counts.MarkOrphan(InodeNumber(7));
  counts.UnmarkOrphan(InodeNumber(7));
  EXPECT_EQ(Released::kLast, counts.Release(InodeNumber(7), 1));
}

TEST(LookupCountsTest, AgreesWithAMap) {
  LookupCounts counts;
  std::map<uint64_t, uint64_t> expected;
  std::mt19937_64 random(1);
  for (int i = 0; i < 400'000; ++i) {
    // Up to 60,000 inodes, then down again: the tables grow and shrink.
    const uint64_t inode = 1 + random() % 60'000;
    const bool retain = random() % 100 < (i < 200'000 ? 80u : 20u);
    const uint64_t count = 1 + random() % 3;
    if (retain) {
      counts.Retain(InodeNumber(inode), count);
      expected[inode] += count;
    } else {
      uint64_t& held = expected[inode];
      const bool last = held > 0 && held <= count;
      EXPECT_EQ(last ? Released::kLast : Released::kNotLast,
                counts.Release(InodeNumber(inode), count));
      held -= std::min(held, count);
    }
    EXPECT_EQ(expected[inode] > 0, counts.IsHeld(InodeNumber(inode)));
  }
  uint64_t held = 0;
  for (const auto& [inode, count] : expected) {
    held += count > 0 ? 1 : 0;
    EXPECT_EQ(count > 0, counts.IsHeld(InodeNumber(inode)));
  }
  EXPECT_EQ(held, counts.inodes());
}

TEST(LookupCountsTest, KeepsCountWithManyThreads) {
  LookupCounts counts;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint64_t inode = 1; inode <= 5'000; ++inode) counts.Retain(InodeNumber(inode), 2);
      for (uint64_t inode = 1; inode <= 5'000; ++inode) counts.Release(InodeNumber(inode), 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(5'000u, counts.inodes());
  for (uint64_t inode = 1; inode <= 5'000; ++inode) {
    EXPECT_EQ(Released::kNotLast, counts.Release(InodeNumber(inode), 3));
    EXPECT_EQ(Released::kLast, counts.Release(InodeNumber(inode), 1));
  }
}

}  // namespace
}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/lost_ranges.h"

#include <gtest/gtest.h>

namespace chainfs::fs::check {
namespace {

Key At(uint64_t inode, ItemKind kind, uint64_t offset = 0) {
  return Key(InodeNumber(inode), kind, offset);
}

TEST(LostRangesTest, CoversWhatLiesBetweenTheKeys) {
  LostRanges lost;
  lost.Add({At(5, ItemKind::kExtent, 3), At(9, ItemKind::kInode)});
  EXPECT_FALSE(lost.Covers(At(5, ItemKind::kExtent, 2)));
  EXPECT_TRUE(lost.Covers(At(5, ItemKind::kExtent, 3)));
  EXPECT_TRUE(lost.Covers(At(7, ItemKind::kInode)));
  EXPECT_FALSE(lost.Covers(At(9, ItemKind::kInode)));
}

TEST(LostRangesTest, TheSameRangeTwiceIsOne) {
  LostRanges lost;
  lost.Add({At(5, ItemKind::kInode), At(9, ItemKind::kInode)});
  lost.Add({At(5, ItemKind::kInode), At(9, ItemKind::kInode)});
  lost.Add({At(7, ItemKind::kInode), At(12, ItemKind::kInode)});
  EXPECT_EQ(1u, lost.Within(InodeNumber(8)).size());
  EXPECT_TRUE(lost.Covers(At(11, ItemKind::kInode)));
}

TEST(LostRangesTest, GivesThePartsOfAnInode) {
  LostRanges lost;
  lost.Add({At(5, ItemKind::kInode), At(6, ItemKind::kXattr)});
  lost.Add({At(6, ItemKind::kExtent, 4), At(6, ItemKind::kExtent, 8)});
  lost.Add({At(6, ItemKind::kExtent, 90), At(8, ItemKind::kInode)});
  const auto parts = lost.Within(InodeNumber(6));
  ASSERT_EQ(3u, parts.size());
  EXPECT_EQ(At(6, ItemKind::kXattr), parts[0].to);
  EXPECT_EQ(At(6, ItemKind::kExtent, 4), parts[1].from);
  EXPECT_EQ(ItemsOf(InodeNumber(6)).to, parts[2].to);
  EXPECT_TRUE(lost.Within(InodeNumber(8)).empty());
}

TEST(LostRangesTest, StaysBoundedAndLosesNothing) {
  LostRanges lost;
  for (uint64_t i = 0; i < 100'000; ++i) {
    lost.Add({At(2 * i, ItemKind::kInode), At(2 * i, ItemKind::kXattr)});
  }
  for (uint64_t i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(lost.Covers(At(2 * i, ItemKind::kDentry))) << i;
  }
  EXPECT_FALSE(lost.Covers(At(1, ItemKind::kInode)));
}

TEST(LostRangesTest, TellsWhatMayBeInARange) {
  const KeyRange extents{At(5, ItemKind::kExtent, 3), At(5, ItemKind::kExtent, 90)};
  EXPECT_FALSE(MayHoldInodes(extents));
  EXPECT_FALSE(MayHoldEntries(extents));
  const KeyRange to_next{At(5, ItemKind::kExtent, 3), At(6, ItemKind::kDentry)};
  EXPECT_TRUE(MayHoldInodes(to_next));
  EXPECT_FALSE(MayHoldEntries(to_next));
  EXPECT_TRUE(MayHoldEntries({At(5, ItemKind::kDirIndex, 3), At(5, ItemKind::kDirIndex, 4)}));
  EXPECT_TRUE(MayHoldEntries(AllKeys()));
  EXPECT_TRUE(MayHoldInodes(AllKeys()));
}

TEST(LostRangesTest, SaysInWordsWhatWasThere) {
  EXPECT_EQ("the content of inode 5 from byte 131072 to 262144",
            Describe({At(5, ItemKind::kExtent, 1), At(5, ItemKind::kExtent, 2)}));
  EXPECT_EQ("what belongs to inodes 5 to 8",
            Describe({At(5, ItemKind::kExtent, 1), At(9, ItemKind::kInode)}));
  EXPECT_EQ("what belongs to inodes 5 to 9",
            Describe({At(5, ItemKind::kExtent, 1), At(9, ItemKind::kExtent)}));
  EXPECT_EQ("whatever belongs to inodes from 5 on",
            Describe({At(5, ItemKind::kExtent, 1), AllKeys().to}));
}

}  // namespace
}  // namespace chainfs::fs::check

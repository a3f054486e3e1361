// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/inode_table.h"

#include <gtest/gtest.h>

namespace chainfs::fs::check {
namespace {

InodeItem File(uint32_t nlink) { return {.mode = 0100644, .nlink = nlink}; }

TEST(InodeTableTest, AWindowEndsWhereTheTableIsFull) {
  InodeTable table(2);
  const InodeItem file = File(1);
  table.BeginWindow(InodeNumber(0));
  EXPECT_TRUE(table.Add(InodeNumber(3), &file));
  EXPECT_TRUE(table.Add(InodeNumber(900), &file));
  EXPECT_FALSE(table.Add(InodeNumber(901), &file));
  EXPECT_EQ(InodeNumber(901), table.end());
  EXPECT_TRUE(table.Covers(InodeNumber(5)));
  EXPECT_FALSE(table.Covers(InodeNumber(901)));
  table.BeginWindow(*table.end());
  EXPECT_FALSE(table.Covers(InodeNumber(900)));
  EXPECT_TRUE(table.Covers(InodeNumber(UINT64_MAX)));
}

TEST(InodeTableTest, NumbersFarApartAreInDifferentWindows) {
  InodeTable table(10);
  const InodeItem file = File(1);
  table.BeginWindow(InodeNumber(0));
  EXPECT_TRUE(table.Add(InodeNumber(1), &file));
  EXPECT_FALSE(table.Add(InodeNumber(1ull << 40), &file));
  EXPECT_FALSE(table.Find(InodeNumber(1ull << 40)));
  EXPECT_FALSE(table.Find(InodeNumber(1 + (1ull << 32))));
}

TEST(InodeTableTest, CountsNames) {
  InodeTable table(10);
  const InodeItem file = File(2);
  table.BeginWindow(InodeNumber(0));
  ASSERT_TRUE(table.Add(InodeNumber(7), &file));
  const size_t i = *table.Find(InodeNumber(7));
  EXPECT_EQ(0100000u, table.TypeAt(i));
  table.CountNameAt(i);
  EXPECT_FALSE(table.HasItsNamesAt(i));
  EXPECT_EQ(1u, table.NamesAt(i, 2));
  table.CountNameAt(i);
  EXPECT_TRUE(table.HasItsNamesAt(i));
  table.CountNameAt(i);
  EXPECT_EQ(3u, table.NamesAt(i, 2));
}

TEST(InodeTableTest, NoParentIsTakenForAnother) {
  InodeTable table(10);
  const InodeNumber strange((1ull << 60) + 5);
  const InodeItem directory{.mode = 0040755, .nlink = 2, .parent = strange};
  table.BeginWindow(InodeNumber(0));
  ASSERT_TRUE(table.Add(InodeNumber(7), &directory));
  EXPECT_FALSE(table.IsParentAt(0, InodeNumber(5)));
  EXPECT_FALSE(table.IsParentAt(0, strange));
}

}  // namespace
}  // namespace chainfs::fs::check

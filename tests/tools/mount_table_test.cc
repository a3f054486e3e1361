// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/mount_table.h"

#include <gtest/gtest.h>

namespace chainfs::tools {
namespace {

constexpr char kTable[] =
    "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
    "40 22 0:48 / /mnt/a\\040b rw,nosuid shared:2 master:7 - fuse.chainfs /vaults/x\\040y "
    "rw,user_id=1000,group_id=1000,max_read=1048576\n"
    "41 22 0:49 / /mnt/plain rw - tmpfs none rw\n"
    "42 22 0:50 / /mnt/plain rw - fuse.chainfs /vaults/z rw,user_id=0,group_id=0\n";

TEST(MountTableTest, ReadsWhatAControlClientNeeds) {
  auto table = ParseMountInfo(kTable);
  ASSERT_EQ(table.size(), 4u);
  const MountEntry& entry = table[1];
  EXPECT_EQ(entry.mount_point, "/mnt/a b");
  EXPECT_EQ(entry.source, "/vaults/x y");
  EXPECT_EQ(entry.device_minor, 48u);
  EXPECT_EQ(entry.owner, 1000u);
  EXPECT_TRUE(entry.IsChainfs());
  EXPECT_FALSE(table[0].IsChainfs());
}

TEST(MountTableTest, FindsTheTopmostMount) {
  auto found = FindMount(ParseMountInfo(kTable), "/mnt/plain");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "/vaults/z");
  EXPECT_FALSE(FindMount(ParseMountInfo(kTable), "/mnt"));
}

TEST(MountTableTest, LeavesOutWhatIsNoMountinfo) {
  EXPECT_TRUE(ParseMountInfo("\n\nnonsense\n1 2 3 4 5 6 7\n1 2 x:y / / rw - ext4 d rw\n").empty());
}

TEST(MountTableTest, KnowsThisMachinesRoot) { EXPECT_TRUE(FindMount(ReadMountTable(), "/")); }

}  // namespace
}  // namespace chainfs::tools

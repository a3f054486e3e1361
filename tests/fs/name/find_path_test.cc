// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/name/name_fixture.h"

namespace chainfs::fs {
namespace {

class FindPathTest : public NameTest {
 protected:
  std::string PathOf(InodeNumber inode) { return volume_->FindPath(inode).value_or("(none)"); }
};

TEST_F(FindPathTest, LeadsFromTheRoot) {
  const InodeNumber a = Directory(kRootInode, "a"), b = Directory(a, "b");
  const InodeNumber file = File(b, "file"), link = Symlink(kRootInode, "link", "target");
  EXPECT_EQ(PathOf(kRootInode), ".");
  EXPECT_EQ(PathOf(a), "a");
  EXPECT_EQ(PathOf(b), "a/b");
  EXPECT_EQ(PathOf(file), "a/b/file");
  EXPECT_EQ(PathOf(link), "link");
}

TEST_F(FindPathTest, FollowsWhatHasMovedEvenToADirectoryMadeLater) {
  const InodeNumber a = Directory(kRootInode, "a"), file = File(a, "file");
  const InodeNumber later = Directory(kRootInode, "later");
  File(later, "other");
  ASSERT_TRUE(volume_->Rename(a, "file", later, "moved", RenameMode::kReplace));
  EXPECT_EQ(PathOf(file), "later/moved");
  ASSERT_TRUE(volume_->Rename(kRootInode, "later", a, "sub", RenameMode::kReplace));
  EXPECT_EQ(PathOf(file), "a/sub/moved");
}

TEST_F(FindPathTest, FindsALinkThatIsLeftAndNothingWhereNoneIs) {
  const InodeNumber a = Directory(kRootInode, "a"), file = File(kRootInode, "file");
  Hold(kRootInode, "file");
  LetGo(volume_->Link(file, a, "second"));
  ASSERT_TRUE(volume_->Unlink(kRootInode, "file"));
  EXPECT_EQ(PathOf(file), "a/second");
  ASSERT_TRUE(volume_->Unlink(a, "second"));
  EXPECT_EQ(PathOf(file), "(none)");
  volume_->Forget(file, 1);
  EXPECT_EQ(PathOf(InodeNumber(999)), "(none)");
  EXPECT_EQ(PathOf(InodeNumber(0)), "(none)");
}

TEST_F(FindPathTest, LooksThroughMoreEntriesThanOneViewOfTheTree) {
  const InodeNumber a = Directory(kRootInode, "a");
  InodeNumber last;
  for (int i = 0; i < 1000; ++i) last = File(a, "f" + std::to_string(i));
  EXPECT_EQ(PathOf(last), "a/f999");
  const InodeNumber old = Directory(kRootInode, "old");
  ASSERT_TRUE(volume_->Rename(a, "f0", old, "f0", RenameMode::kReplace));
  EXPECT_EQ(PathOf(InodeNumber(a.value + 1)), "old/f0");
}

}  // namespace
}  // namespace chainfs::fs

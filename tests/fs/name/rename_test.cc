// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/name/name_fixture.h"

namespace chainfs::fs {
namespace {

class RenameTest : public NameTest {
 protected:
  Result<void> Rename(InodeNumber from, std::string_view name, InodeNumber to,
                      std::string_view new_name, RenameMode mode = RenameMode::kReplace) {
    return volume_->Rename(from, name, to, new_name, mode);
  }
};

TEST_F(RenameTest, MovesAFile) {
  const InodeNumber file = File(kRootInode, "a");
  const InodeNumber directory = Directory(kRootInode, "d");
  ASSERT_TRUE(Rename(kRootInode, "a", directory, "b"));
  EXPECT_EQ(InodeNumber(0), Find(kRootInode, "a"));
  EXPECT_EQ(file, Find(directory, "b"));
  EXPECT_EQ(1u, Stat(directory).size);
}

TEST_F(RenameTest, MovingADirectoryMovesItsParentAndLinks) {
  const InodeNumber from = Directory(kRootInode, "from");
  const InodeNumber to = Directory(kRootInode, "to");
  const InodeNumber moved = Directory(from, "moved");
  ASSERT_TRUE(Rename(from, "moved", to, "moved"));
  EXPECT_EQ(2u, Stat(from).nlink);
  EXPECT_EQ(3u, Stat(to).nlink);
  EXPECT_EQ(to, Find(moved, ".."));
}

TEST_F(RenameTest, ReplacesAFileThatIsThenGone) {
  const InodeNumber source = File(kRootInode, "a");
  const InodeNumber target = File(kRootInode, "b");
  ASSERT_TRUE(Rename(kRootInode, "a", kRootInode, "b"));
  EXPECT_EQ(source, Find(kRootInode, "b"));
  EXPECT_ERROR(kStale, volume_->GetAttributes(target));
}

TEST_F(RenameTest, AReplacedFileThatIsHeldLivesOn) {
  File(kRootInode, "a");
  const InodeNumber target = File(kRootInode, "b");
  Write(target, 0, "content");
  Hold(kRootInode, "b");
  ASSERT_TRUE(Rename(kRootInode, "a", kRootInode, "b"));
  EXPECT_EQ("content", Read(target, 0, 100));
  EXPECT_EQ(0u, Stat(target).nlink);
}

TEST_F(RenameTest, ReplacesAnEmptyDirectoryOnly) {
  const InodeNumber source = Directory(kRootInode, "a");
  const InodeNumber target = Directory(kRootInode, "b");
  File(target, "f");
  EXPECT_ERROR(kNotEmpty, Rename(kRootInode, "a", kRootInode, "b"));
  ASSERT_TRUE(volume_->Unlink(target, "f"));
  ASSERT_TRUE(Rename(kRootInode, "a", kRootInode, "b"));
  EXPECT_EQ(source, Find(kRootInode, "b"));
  EXPECT_EQ(3u, Stat(kRootInode).nlink);
}

TEST_F(RenameTest, DoesNotReplaceAnotherKind) {
  File(kRootInode, "file");
  Directory(kRootInode, "directory");
  EXPECT_ERROR(kIsDirectory, Rename(kRootInode, "file", kRootInode, "directory"));
  EXPECT_ERROR(kNotDirectory, Rename(kRootInode, "directory", kRootInode, "file"));
}

TEST_F(RenameTest, TwoNamesOfOneInodeStay) {
  const InodeNumber file = File(kRootInode, "a");
  LetGo(volume_->Link(file, kRootInode, "b"));
  EXPECT_TRUE(Rename(kRootInode, "a", kRootInode, "b"));
  EXPECT_TRUE(Rename(kRootInode, "a", kRootInode, "a"));
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), List(kRootInode));
  EXPECT_ERROR(kExists, Rename(kRootInode, "a", kRootInode, "b", RenameMode::kNoReplace));
}

TEST_F(RenameTest, NotIntoItself) {
  const InodeNumber a = Directory(kRootInode, "a");
  const InodeNumber b = Directory(a, "b");
  const InodeNumber c = Directory(b, "c");
  EXPECT_ERROR(kInvalid, Rename(kRootInode, "a", a, "x"));
  EXPECT_ERROR(kInvalid, Rename(kRootInode, "a", c, "x"));
  EXPECT_ERROR(kNotEmpty, Rename(b, "c", kRootInode, "a"));
  EXPECT_ERROR(kInvalid, Rename(b, "c", kRootInode, "a", RenameMode::kExchange));
  EXPECT_ERROR(kInvalid, Rename(kRootInode, "a", b, "c", RenameMode::kExchange));
}

TEST_F(RenameTest, ExchangesAFileAndADirectory) {
  const InodeNumber outer = Directory(kRootInode, "outer");
  const InodeNumber directory = Directory(kRootInode, "d");
  const InodeNumber file = File(outer, "f");
  ASSERT_TRUE(Rename(kRootInode, "d", outer, "f", RenameMode::kExchange));
  EXPECT_EQ(file, Find(kRootInode, "d"));
  EXPECT_EQ(directory, Find(outer, "f"));
  EXPECT_EQ(outer, Find(directory, ".."));
  EXPECT_EQ(3u, Stat(outer).nlink);
  EXPECT_EQ(3u, Stat(kRootInode).nlink);
  EXPECT_ERROR(kNotFound, Rename(kRootInode, "d", outer, "none", RenameMode::kExchange));
}

TEST_F(RenameTest, LeavesAWhiteout) {
  const InodeNumber file = File(kRootInode, "a");
  ASSERT_TRUE(Rename(kRootInode, "a", kRootInode, "b", RenameMode::kWhiteout));
  EXPECT_EQ(file, Find(kRootInode, "b"));
  const Attributes whiteout = Stat(Find(kRootInode, "a"));
  EXPECT_EQ(0020000u, whiteout.mode);
  EXPECT_EQ(0u, whiteout.rdev);
  EXPECT_EQ(2u, Stat(kRootInode).size);
}

TEST_F(RenameTest, DotsAreBusy) {
  Directory(kRootInode, "d");
  EXPECT_ERROR(kBusy, Rename(kRootInode, ".", kRootInode, "x"));
  EXPECT_ERROR(kBusy, Rename(kRootInode, "d", kRootInode, ".."));
  EXPECT_ERROR(kExists, Rename(kRootInode, "d", kRootInode, "..", RenameMode::kNoReplace));
}

TEST_F(RenameTest, ADeepPathIsWalkedOnce) {
  InodeNumber deepest = kRootInode;
  for (int i = 0; i < 3'000; ++i) deepest = Directory(deepest, "d");
  const InodeNumber top = Find(kRootInode, "d");
  EXPECT_ERROR(kInvalid, Rename(kRootInode, "d", deepest, "x"));
  Directory(kRootInode, "other");
  EXPECT_TRUE(Rename(kRootInode, "other", deepest, "x"));
  EXPECT_NE(InodeNumber(0), top);
}

}  // namespace
}  // namespace chainfs::fs

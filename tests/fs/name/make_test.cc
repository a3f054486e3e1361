// SPDX-License-Identifier: GPL-3.0-or-later
// Making, linking and removing names.
#include "tests/fs/name/name_fixture.h"

namespace chainfs::fs {
namespace {

class MakeTest : public NameTest {};

TEST_F(MakeTest, NodesHaveWhatTheyWereMadeWith) {
  const auto file =
      volume_->MakeNode(kRootInode, "file", {.mode = 0100666, .uid = 1, .gid = 2, .umask = 022});
  ASSERT_TRUE(file);
  EXPECT_EQ(0100644u, file->mode);
  EXPECT_EQ(1u, file->uid);
  EXPECT_EQ(2u, file->gid);
  EXPECT_EQ(1u, file->nlink);
  EXPECT_EQ(0u, file->size);
  const auto device = volume_->MakeNode(kRootInode, "device", {.mode = 0060600, .rdev = 0x1234});
  ASSERT_TRUE(device);
  EXPECT_EQ(0060600u, device->mode);
  EXPECT_EQ(0x1234u, device->rdev);
  const auto fifo = volume_->MakeNode(kRootInode, "fifo", {.mode = 0010600, .rdev = 0x1234});
  ASSERT_TRUE(fifo);
  EXPECT_EQ(0u, fifo->rdev) << "only devices have a device number";
  const auto plain = volume_->MakeNode(kRootInode, "plain", {.mode = 0600});
  ASSERT_TRUE(plain);
  EXPECT_EQ(0100600u, plain->mode) << "mknod without a type makes a file";
  EXPECT_ERROR(kNotPermitted, volume_->MakeNode(kRootInode, "dir", {.mode = 0040755}));
  EXPECT_ERROR(kInvalid, volume_->MakeNode(kRootInode, "link", {.mode = 0120777}));
  Reopen();
  EXPECT_EQ(device->inode, Find(kRootInode, "device"));
  EXPECT_EQ(0x1234u, Stat(device->inode).rdev);
}

TEST_F(MakeTest, ErrorsInPosixOrder) {
  const InodeNumber file = File(kRootInode, "file");
  const NewInode parameters{.mode = 0644};
  EXPECT_ERROR(kNameTooLong, volume_->MakeNode(file, std::string(256, 'x'), parameters));
  EXPECT_ERROR(kNotDirectory, volume_->MakeNode(file, "x", parameters));
  EXPECT_ERROR(kExists, volume_->MakeNode(kRootInode, "file", parameters));
  EXPECT_ERROR(kExists, volume_->MakeNode(kRootInode, ".", parameters));
  EXPECT_ERROR(kExists, volume_->MakeDirectory(kRootInode, "..", parameters));
  EXPECT_ERROR(kInvalid, volume_->MakeNode(kRootInode, "a/b", parameters));
  EXPECT_ERROR(kStale, volume_->MakeNode(InodeNumber(999), "x", parameters));
  EXPECT_ERROR(kNotFound, volume_->MakeSymlink(kRootInode, "x", "", {}));
  EXPECT_ERROR(kNameTooLong, volume_->MakeSymlink(kRootInode, "x", std::string(4096, 'x'), {}));
}

TEST_F(MakeTest, InodeNumbersAreNotUsedAgain) {
  const InodeNumber first = File(kRootInode, "a");
  ASSERT_TRUE(volume_->Unlink(kRootInode, "a"));
  Reopen();
  EXPECT_LT(first, File(kRootInode, "a"));
}

TEST_F(MakeTest, SetgidDirectoriesPassTheirGroupOn) {
  const auto parent = volume_->MakeDirectory(kRootInode, "d", {.mode = 02755, .gid = 50});
  ASSERT_TRUE(parent);
  const auto file = volume_->MakeNode(parent->inode, "f", {.mode = 0644, .gid = 7});
  const auto directory = volume_->MakeDirectory(parent->inode, "d", {.mode = 0755, .gid = 7});
  ASSERT_TRUE(file && directory);
  EXPECT_EQ(50u, file->gid);
  EXPECT_EQ(0100644u, file->mode);
  EXPECT_EQ(50u, directory->gid);
  EXPECT_EQ(0042755u, directory->mode);
}

TEST_F(MakeTest, SymlinksOfEveryLengthLinuxHas) {
  for (const size_t length : {1, 100, 2048, 2049, 4095}) {
    std::string target(length, 'x');
    target.back() = 'y';
    const InodeNumber link = Symlink(kRootInode, std::to_string(length), target);
    EXPECT_EQ(length, Stat(link).size);
    EXPECT_EQ(0120777u, Stat(link).mode);
    Reopen();
    const auto read = volume_->ReadLink(link);
    ASSERT_TRUE(read);
    EXPECT_EQ(target, *read);
  }
  EXPECT_ERROR(kInvalid, volume_->ReadLink(kRootInode));
  for (const char* name : {"1", "2049", "4095"}) EXPECT_TRUE(volume_->Unlink(kRootInode, name));
}

TEST_F(MakeTest, ParentsCountSubdirectoriesAndStampEntries) {
  const InodeNumber parent = Directory(kRootInode, "parent");
  EXPECT_EQ(2u, Stat(parent).nlink);
  ASSERT_TRUE(volume_->SetAttributes(parent, {.mtime = Timestamp{1, 0}, .ctime = Timestamp{1, 0}}));
  Directory(parent, "child");
  EXPECT_EQ(3u, Stat(parent).nlink);
  EXPECT_EQ(1u, Stat(parent).size);
  EXPECT_LT(1, Stat(parent).mtime.seconds);
  EXPECT_LT(1, Stat(parent).ctime.seconds);
  ASSERT_TRUE(volume_->SetAttributes(parent, {.mtime = Timestamp{1, 0}, .ctime = Timestamp{1, 0}}));
  ASSERT_TRUE(volume_->RemoveDirectory(parent, "child"));
  EXPECT_EQ(2u, Stat(parent).nlink);
  EXPECT_EQ(0u, Stat(parent).size);
  EXPECT_LT(1, Stat(parent).mtime.seconds);
}

TEST_F(MakeTest, LookupKnowsDotAndDotDot) {
  const InodeNumber outer = Directory(kRootInode, "outer");
  const InodeNumber inner = Directory(outer, "inner");
  const InodeNumber file = File(inner, "file");
  EXPECT_EQ(inner, Find(inner, "."));
  EXPECT_EQ(outer, Find(inner, ".."));
  EXPECT_EQ(kRootInode, Find(kRootInode, ".."));
  EXPECT_EQ(file, Find(file, ".")) << "as NFS asks for file handles";
  EXPECT_ERROR(kNotDirectory, volume_->Lookup(file, ".."));
  EXPECT_ERROR(kNotFound, volume_->Lookup(inner, "nothing"));
  EXPECT_ERROR(kStale, volume_->Lookup(InodeNumber(999), "."));
}

TEST_F(MakeTest, LinksShareTheInode) {
  const InodeNumber file = File(kRootInode, "a");
  const InodeNumber directory = Directory(kRootInode, "d");
  EXPECT_EQ(file, LetGo(volume_->Link(file, directory, "b")));
  EXPECT_EQ(2u, Stat(file).nlink);
  EXPECT_ERROR(kExists, volume_->Link(file, directory, "b"));
  EXPECT_ERROR(kNotPermitted, volume_->Link(directory, kRootInode, "x"));
  EXPECT_ERROR(kStale, volume_->Link(InodeNumber(999), kRootInode, "x"));
  ASSERT_TRUE(volume_->Unlink(kRootInode, "a"));
  EXPECT_EQ(1u, Stat(file).nlink);
  EXPECT_EQ(file, Find(directory, "b"));
}

TEST_F(MakeTest, RemovalRefusesTheWrongKind) {
  const InodeNumber directory = Directory(kRootInode, "d");
  File(directory, "f");
  EXPECT_ERROR(kIsDirectory, volume_->Unlink(kRootInode, "d"));
  EXPECT_ERROR(kNotEmpty, volume_->RemoveDirectory(kRootInode, "d"));
  EXPECT_ERROR(kNotDirectory, volume_->RemoveDirectory(directory, "f"));
  EXPECT_ERROR(kInvalid, volume_->RemoveDirectory(directory, "."));
  EXPECT_ERROR(kNotEmpty, volume_->RemoveDirectory(directory, ".."));
  EXPECT_ERROR(kIsDirectory, volume_->Unlink(directory, ".."));
  EXPECT_ERROR(kNotFound, volume_->Unlink(kRootInode, "x"));
  ASSERT_TRUE(volume_->Unlink(directory, "f"));
  EXPECT_TRUE(volume_->RemoveDirectory(kRootInode, "d"));
  EXPECT_ERROR(kStale, volume_->GetAttributes(directory));
}

TEST_F(MakeTest, NothingCanBeMadeInARemovedDirectory) {
  const InodeNumber directory = Directory(kRootInode, "d");
  const InodeNumber file = File(kRootInode, "f");
  Hold(kRootInode, "d");
  ASSERT_TRUE(volume_->RemoveDirectory(kRootInode, "d"));
  EXPECT_EQ(0u, Stat(directory).nlink);
  EXPECT_ERROR(kNotFound, volume_->MakeNode(directory, "x", {.mode = 0644}));
  EXPECT_ERROR(kNotFound, volume_->MakeDirectory(directory, "x", {.mode = 0755}));
  EXPECT_ERROR(kNotFound, volume_->CreateTemporary(directory, {.mode = 0644}));
  EXPECT_ERROR(kNotFound, volume_->Link(file, directory, "x"));
  EXPECT_ERROR(kNotFound, volume_->Rename(kRootInode, "f", directory, "x", RenameMode::kReplace));
  EXPECT_ERROR(kNotFound, volume_->Lookup(directory, "x"));
  EXPECT_TRUE(List(directory).empty());
}

TEST_F(MakeTest, SeventyThousandSubdirectories) {
  constexpr uint32_t kCount = 70'000;
  for (uint32_t i = 0; i < kCount; ++i) Directory(kRootInode, std::to_string(i));
  EXPECT_EQ(kCount + 2, Stat(kRootInode).nlink);
  Reopen();
  EXPECT_EQ(kCount, List(kRootInode).size());
  for (uint32_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(volume_->RemoveDirectory(kRootInode, std::to_string(i)));
  }
  EXPECT_EQ(2u, Stat(kRootInode).nlink);
}

TEST_F(MakeTest, AReadOnlyVolumeRefusesAll) {
  File(kRootInode, "file");
  Close();
  options_.read_only = true;
  Open();
  const InodeNumber file = Find(kRootInode, "file");
  EXPECT_ERROR(kReadOnly, volume_->MakeNode(kRootInode, "x", {.mode = 0644}));
  EXPECT_ERROR(kReadOnly, volume_->Unlink(kRootInode, "file"));
  EXPECT_ERROR(kReadOnly, volume_->SetAttributes(file, {.mode = 0600}));
  EXPECT_ERROR(kReadOnly, volume_->SetXattr(file, "user.a", "1", XattrMode::kAny));
  EXPECT_EQ(std::vector<std::string>{"file"}, List(kRootInode));
}

}  // namespace
}  // namespace chainfs::fs

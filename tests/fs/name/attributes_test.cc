// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/name/name_fixture.h"

namespace chainfs::fs {
namespace {

class AttributesTest : public NameTest {};

TEST_F(AttributesTest, WhatIsAbsentStays) {
  const InodeNumber file = File(kRootInode, "f", 0640);
  const Attributes before = Stat(file);
  const auto after = volume_->SetAttributes(file, {.mtime = Timestamp{-5, 7}});
  ASSERT_TRUE(after);
  EXPECT_EQ((Timestamp{-5, 7}), after->mtime);
  EXPECT_EQ(before.mode, after->mode);
  EXPECT_EQ(before.atime, after->atime);
  EXPECT_EQ(before.btime, after->btime);
  EXPECT_LE(before.ctime, after->ctime);
}

TEST_F(AttributesTest, AGivenCtimeIsExact) {
  const InodeNumber file = File(kRootInode, "f");
  ASSERT_TRUE(volume_->SetAttributes(file, {.ctime = Timestamp{12, 34}}));
  EXPECT_EQ((Timestamp{12, 34}), Stat(file).ctime);
}

TEST_F(AttributesTest, ChmodKeepsTheType) {
  const InodeNumber file = File(kRootInode, "f");
  Chmod(file, 0047123);
  EXPECT_EQ(0107123u, Stat(file).mode);
}

TEST_F(AttributesTest, ANewOwnerTakesTheSetIdBits) {
  const InodeNumber file = File(kRootInode, "f");
  Chmod(file, 06755);
  ASSERT_TRUE(volume_->SetAttributes(file, {.uid = 5}));
  EXPECT_EQ(0755u, Mode(file));
  Chmod(file, 06745);
  ASSERT_TRUE(volume_->SetAttributes(file, {.gid = 5}));
  EXPECT_EQ(02745u, Mode(file)) << "no group execution: mandatory locking, which stays";
  ASSERT_TRUE(volume_->SetAttributes(file, {.mode = 04755, .uid = 6}));
  EXPECT_EQ(04755u, Mode(file)) << "as it was told";
  const InodeNumber directory = Directory(kRootInode, "d", 02755);
  ASSERT_TRUE(volume_->SetAttributes(directory, {.uid = 5}));
  EXPECT_EQ(02755u, Mode(directory));
}

TEST_F(AttributesTest, KillingSetIdBitsOnRequest) {
  const InodeNumber file = File(kRootInode, "f");
  Chmod(file, 06755);
  ASSERT_TRUE(volume_->SetAttributes(file, {.size = 10, .kill_suid_sgid = true}));
  EXPECT_EQ(0755u, Mode(file));
  EXPECT_EQ(10u, Stat(file).size);
}

TEST_F(AttributesTest, CapabilitiesGoWithTheOwnerOrTheContent) {
  const InodeNumber file = File(kRootInode, "f");
  for (const AttributeChange& change :
       {AttributeChange{.uid = 5}, AttributeChange{.gid = 5}, AttributeChange{.size = 0},
        AttributeChange{.kill_suid_sgid = true}}) {
    ASSERT_TRUE(volume_->SetXattr(file, "security.capability", "cap", XattrMode::kAny));
    ASSERT_TRUE(volume_->SetXattr(file, "user.kept", "kept", XattrMode::kAny));
    ASSERT_TRUE(volume_->SetAttributes(file, change));
    EXPECT_ERROR(kNoAttribute, volume_->GetXattr(file, "security.capability"));
    EXPECT_TRUE(volume_->GetXattr(file, "user.kept"));
  }
  ASSERT_TRUE(volume_->SetXattr(file, "security.capability", "cap", XattrMode::kAny));
  Chmod(file, 0700);
  EXPECT_TRUE(volume_->GetXattr(file, "security.capability"));
}

TEST_F(AttributesTest, SizeAndTheRestInOneCall) {
  const InodeNumber file = File(kRootInode, "f");
  Write(file, 0, std::string(10'000, 'x'));
  const auto after = volume_->SetAttributes(
      file, {.mode = 0600, .size = 5, .mtime = Timestamp{1, 1}, .ctime = Timestamp{2, 2}});
  ASSERT_TRUE(after);
  EXPECT_EQ(5u, after->size);
  EXPECT_EQ((Timestamp{1, 1}), after->mtime) << "the caller's time, not the truncation's";
  EXPECT_EQ((Timestamp{2, 2}), after->ctime);
  EXPECT_EQ("xxxxx", Read(file, 0, 100));
}

TEST_F(AttributesTest, OnlyRegularFilesHaveASizeToSet) {
  const InodeNumber directory = Directory(kRootInode, "d");
  const InodeNumber link = Symlink(kRootInode, "l", "target");
  EXPECT_ERROR(kIsDirectory, volume_->SetAttributes(directory, {.mode = 0, .size = 1}));
  EXPECT_EQ(0755u, Mode(directory)) << "all or nothing";
  EXPECT_ERROR(kInvalid, volume_->SetAttributes(link, {.size = 1}));
  EXPECT_ERROR(kFileTooBig, volume_->SetAttributes(File(kRootInode, "f"), {.size = UINT64_MAX}));
  EXPECT_ERROR(kStale, volume_->SetAttributes(InodeNumber(999), {.mode = 0}));
}

TEST_F(AttributesTest, NothingToChangeChangesNothing) {
  const InodeNumber file = File(kRootInode, "f");
  ASSERT_TRUE(volume_->SetAttributes(file, {.ctime = Timestamp{1, 0}}));
  ASSERT_TRUE(volume_->SetAttributes(file, {}));
  EXPECT_EQ((Timestamp{1, 0}), Stat(file).ctime);
}

}  // namespace
}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "tests/fs/model/model_acl.h"
#include "tests/fs/name/name_fixture.h"

namespace chainfs::fs {
namespace {

constexpr char kAccess[] = "system.posix_acl_access", kDefault[] = "system.posix_acl_default";

class XattrTest : public NameTest {
 protected:
  void SetUp() override {
    NameTest::SetUp();
    file_ = File(kRootInode, "file");
  }
  Result<void> Set(InodeNumber inode, std::string_view name, std::string_view value,
                   XattrMode mode = XattrMode::kAny) {
    return volume_->SetXattr(inode, name, value, mode);
  }
  std::string Get(InodeNumber inode, std::string_view name) {
    auto value = volume_->GetXattr(inode, name);
    return value ? *value : "error " + std::to_string(static_cast<int>(value.error().code));
  }
  std::vector<std::string> Names(InodeNumber inode) {
    auto names = volume_->ListXattrs(inode);
    EXPECT_TRUE(names);
    std::sort(names->begin(), names->end());
    return *names;
  }

  InodeNumber file_;
};

TEST_F(XattrTest, ValuesOfAllSizesOutliveARemount) {
  std::vector<std::string> names;
  for (const size_t size : {0, 1, 1536, 1537, 4096, 65536}) {
    names.push_back("user." + std::to_string(size));
    ASSERT_TRUE(Set(file_, names.back(), std::string(size, 'v')));
    EXPECT_EQ(std::string(size, 'v'), Get(file_, names.back())) << "before any commit";
  }
  ASSERT_TRUE(volume_->Sync());
  for (const std::string& name : names)
    EXPECT_EQ(std::stoul(name.substr(5)), Get(file_, name).size());
  Reopen();
  for (const std::string& name : names)
    EXPECT_EQ(std::stoul(name.substr(5)), Get(file_, name).size());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, Names(file_));
  EXPECT_ERROR(kAttributeTooBig, Set(file_, "user.a", std::string(65537, 'v')));
}

TEST_F(XattrTest, ModesSayWhetherItMustBeThere) {
  EXPECT_ERROR(kNoAttribute, Set(file_, "user.a", "1", XattrMode::kReplace));
  EXPECT_TRUE(Set(file_, "user.a", "1", XattrMode::kCreate));
  EXPECT_ERROR(kExists, Set(file_, "user.a", "2", XattrMode::kCreate));
  EXPECT_TRUE(Set(file_, "user.a", "2", XattrMode::kReplace));
  EXPECT_EQ("2", Get(file_, "user.a"));
  EXPECT_TRUE(volume_->RemoveXattr(file_, "user.a"));
  EXPECT_ERROR(kNoAttribute, volume_->RemoveXattr(file_, "user.a"));
  EXPECT_ERROR(kNoAttribute, volume_->GetXattr(file_, "user.a"));
  EXPECT_TRUE(Names(file_).empty());
}

TEST_F(XattrTest, ReplacingALargeValueLeavesNoObjectBehind) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Set(file_, "user.a", std::string(i % 2 == 0 ? 30'000 : 10, 'v')));
    if (i % 3 == 0) {
      ASSERT_TRUE(volume_->Sync());
    }
  }
  ASSERT_TRUE(Set(file_, "user.b", std::string(60'000, 'b')));
  ASSERT_TRUE(volume_->RemoveXattr(file_, "user.b"));
  ASSERT_TRUE(Set(file_, "user.c", std::string(60'000, 'c')));
  ASSERT_TRUE(volume_->Sync());
  // The check at the end compares the objects in the tree with those that live.
  ASSERT_TRUE(volume_->Unlink(kRootInode, "file"));
}

TEST_F(XattrTest, UserAttributesAreForFilesAndDirectories) {
  const InodeNumber link = Symlink(kRootInode, "l", "target");
  const InodeNumber fifo = LetGo(volume_->MakeNode(kRootInode, "p", {.mode = 0010644}));
  EXPECT_TRUE(Set(kRootInode, "user.a", "1"));
  for (const InodeNumber inode : {link, fifo}) {
    EXPECT_ERROR(kNotPermitted, Set(inode, "user.a", "1"));
    EXPECT_ERROR(kNoAttribute, volume_->GetXattr(inode, "user.a"));
    EXPECT_ERROR(kNotPermitted, volume_->RemoveXattr(inode, "user.a"));
    EXPECT_TRUE(Set(inode, "trusted.a", "1"));
    EXPECT_EQ("1", Get(inode, "trusted.a"));
  }
  EXPECT_ERROR(kUnsupported, Set(file_, "system.other", "1"));
  EXPECT_ERROR(kUnsupported, Set(link, kAccess, model::ModelAcl{}.Encode()));
}

TEST_F(XattrTest, TheListOfNamesIsLimited) {
  const auto name = [](int i) { return "user." + std::to_string(i) + std::string(240, 'x'); };
  int count = 0;
  while (Set(file_, name(count), "")) ++count;
  EXPECT_ERROR(kNoSpace, Set(file_, name(count), ""));
  size_t bytes = 0;
  for (const std::string& each : Names(file_)) bytes += each.size() + 1;
  EXPECT_LE(bytes, 65536u);
  EXPECT_GT(bytes, 65536u - 300);
  EXPECT_TRUE(Set(file_, name(0), "changed")) << "one that is there";
}

TEST_F(XattrTest, AnAccessAclSetsTheModeAndFollowsIt) {
  model::ModelAcl acl{.owner = 7, .group = 5, .other = 1, .mask = 6};
  acl.users[1000] = 7;
  ASSERT_TRUE(Set(file_, kAccess, acl.Encode()));
  EXPECT_EQ(0761u, Mode(file_)) << "the group bits show the mask";
  EXPECT_EQ(acl.Encode(), Get(file_, kAccess));
  Chmod(file_, 0640);
  acl.owner = 6;
  acl.mask = 4;
  acl.other = 0;
  EXPECT_EQ(acl.Encode(), Get(file_, kAccess)) << "chmod changes the mask, not the group entry";
  ASSERT_TRUE(volume_->RemoveXattr(file_, kAccess));
  EXPECT_EQ(0640u, Mode(file_));
  Chmod(file_, 0600);
  EXPECT_ERROR(kNoAttribute, volume_->GetXattr(file_, kAccess));
}

TEST_F(XattrTest, AMinimalAccessAclIsOnlyAMode) {
  const model::ModelAcl acl{.owner = 6, .group = 4, .other = 0};
  ASSERT_TRUE(Set(file_, kAccess, acl.Encode()));
  EXPECT_EQ(0640u, Mode(file_));
  EXPECT_ERROR(kNoAttribute, volume_->GetXattr(file_, kAccess));
}

TEST_F(XattrTest, DefaultAclsAreForDirectoriesAndInherited) {
  model::ModelAcl acl{.owner = 7, .group = 5, .other = 5, .mask = 7};
  acl.groups[50] = 7;
  EXPECT_ERROR(kAccessDenied, Set(file_, kDefault, acl.Encode()));
  const InodeNumber directory = Directory(kRootInode, "d");
  ASSERT_TRUE(Set(directory, kDefault, acl.Encode()));
  EXPECT_EQ(0755u, Mode(directory)) << "a default list is not about the directory itself";

  const auto file = volume_->MakeNode(directory, "f", {.mode = 0666, .umask = 077});
  ASSERT_TRUE(file);
  EXPECT_EQ(0100664u, file->mode) << "the list replaces the umask";
  EXPECT_EQ(acl.Inherited(0666).Encode(), Get(file->inode, kAccess));
  EXPECT_EQ(std::vector<std::string>{kAccess}, Names(file->inode));

  const auto child = volume_->MakeDirectory(directory, "d", {.mode = 0777, .umask = 077});
  ASSERT_TRUE(child);
  EXPECT_EQ(0040775u, child->mode);
  EXPECT_EQ(acl.Encode(), Get(child->inode, kDefault));

  EXPECT_TRUE(Names(Symlink(directory, "l", "target")).empty());
  const auto temporary = volume_->CreateTemporary(directory, {.mode = 0600});
  ASSERT_TRUE(temporary);
  EXPECT_EQ(acl.Inherited(0600).Encode(), Get(temporary->inode, kAccess));

  ASSERT_TRUE(volume_->RemoveXattr(directory, kDefault));
  const auto plain = volume_->MakeNode(directory, "plain", {.mode = 0666, .umask = 022});
  ASSERT_TRUE(plain);
  EXPECT_EQ(0100644u, plain->mode);
}

TEST_F(XattrTest, AnEmptyListRemovesTheAcl) {
  const InodeNumber directory = Directory(kRootInode, "d");
  model::ModelAcl acl{.owner = 7, .group = 5, .other = 5, .mask = 7};
  ASSERT_TRUE(Set(directory, kDefault, acl.Encode()));
  ASSERT_TRUE(Set(directory, kDefault, std::string("\2\0\0\0", 4)));
  EXPECT_ERROR(kNoAttribute, volume_->GetXattr(directory, kDefault));
  EXPECT_ERROR(kInvalid, Set(directory, kDefault, std::string("\2\0\0\0x", 5)));
  EXPECT_ERROR(kUnsupported, Set(directory, kDefault, std::string("\3\0\0\0", 4)));
}

TEST_F(XattrTest, ALargeDefaultAclIsInheritedFromItsObject) {
  model::ModelAcl acl{.owner = 7, .group = 5, .other = 5, .mask = 7};
  for (uint32_t id = 0; id < 1'000; ++id) acl.users[id] = 5;
  const InodeNumber directory = Directory(kRootInode, "d");
  ASSERT_TRUE(Set(directory, kDefault, acl.Encode()));
  EXPECT_EQ(acl.Encode(), Get(Directory(directory, "pending"), kDefault));
  Reopen();
  EXPECT_EQ(acl.Encode(), Get(Directory(directory, "stored"), kDefault));
}

TEST_F(XattrTest, SettingOneStampsTheChangeTimeOnly) {
  ASSERT_TRUE(volume_->SetAttributes(file_, {.mtime = Timestamp{1, 0}, .ctime = Timestamp{1, 0}}));
  ASSERT_TRUE(Set(file_, "user.a", "1"));
  EXPECT_EQ((Timestamp{1, 0}), Stat(file_).mtime);
  EXPECT_LT(1, Stat(file_).ctime.seconds);
}

}  // namespace
}  // namespace chainfs::fs

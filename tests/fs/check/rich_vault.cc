// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/check/rich_vault.h"

#include "fs/name/acl.h"
#include "tests/fs/model/random.h"

namespace chainfs::fs::check {
namespace {

class Maker {
 public:
  Maker(Volume& volume, std::map<std::string, InodeNumber>& inodes)
      : volume_(volume), inodes_(inodes) {
    inodes_["/"] = kRootInode;
  }

  void MakeAll() {
    MakeDirectories();
    MakeFiles();
    MakeSpecial();
    MakeAcls();
    EXPECT_TRUE(volume_.Sync());
    Fragment();
  }

 private:
  static std::string ParentOf(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
  }
  static std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  InodeNumber Note(const std::string& path, const Result<Attributes>& made) {
    EXPECT_TRUE(made) << path;
    if (!made) return {};
    volume_.Forget(made->inode, 1);
    return inodes_[path] = made->inode;
  }
  InodeNumber Directory(const std::string& path) {
    return Note(path, volume_.MakeDirectory(inodes_[ParentOf(path)], NameOf(path), {.mode = 0755}));
  }
  InodeNumber Node(const std::string& path, uint32_t mode = 0100644) {
    return Note(path, volume_.MakeNode(inodes_[ParentOf(path)], NameOf(path), {.mode = mode}));
  }
  InodeNumber File(const std::string& path, size_t bytes) {
    const InodeNumber file = Node(path);
    Write(file, 0, bytes);
    return file;
  }
  void Write(InodeNumber file, uint64_t offset, size_t bytes) {
    const std::string text = random_.Text(bytes);
    EXPECT_TRUE(volume_.Write(file, offset, AsBytes(text)));
  }

  void MakeDirectories() {
    std::string path = "/deep";
    Directory(path);
    for (int i = 1; i <= 5; ++i) Directory(path += "/" + std::to_string(i));
    File(path + "/leaf", 100);
    Directory("/many");
    for (int i = 0; i < 300; ++i) File("/many/" + std::to_string(i), 10);
    Directory("/files");
  }

  void MakeFiles() {
    const InodeNumber plain = File("/files/plain", 300'000);
    EXPECT_TRUE(volume_.SetXattr(plain, "user.big", random_.Text(20'000), XattrMode::kAny));
    EXPECT_TRUE(volume_.SetXattr(plain, "user.small", "x", XattrMode::kAny));
    const InodeNumber sparse = Node("/files/sparse");
    for (uint64_t i = 0; i < 4; ++i) Write(sparse, 3 * i * kRegionBytes + 5000, 3000);
    const InodeNumber reserved = Node("/files/reserved");
    EXPECT_TRUE(volume_.Allocate(reserved, 0, 64 * kBlockBytes, true));
    Write(reserved, 30 * kBlockBytes, 4 * kBlockBytes);
    File("/files/shrinking", 5 * kRegionBytes);
    const InodeNumber hard = File("/files/hard", 5'000);
    Note("/deep/1/hard", volume_.Link(hard, inodes_["/deep/1"], "hard"));
    Note("/files/short", volume_.MakeSymlink(inodes_["/files"], "short", "target", {}));
    Note("/files/long",
         volume_.MakeSymlink(inodes_["/files"], "long", std::string(4'000, 't'), {}));
    File("/files/fragmented", 2 * kRegionBytes);
    auto unlinked = volume_.CreateTemporary(kRootInode, {.mode = 0600});
    EXPECT_TRUE(unlinked);
    Write(unlinked->inode, 0, kRegionBytes);
    inodes_[""] = unlinked->inode;  // held: the reclaimer leaves it alone
  }

  // A piece is one commit's.
  void Fragment() {
    for (uint64_t i = 0; i < 4; ++i) {
      Write(inodes_["/files/fragmented"], (5 + 7 * i) * kBlockBytes, 2 * kBlockBytes);
      EXPECT_TRUE(volume_.Sync());
    }
  }

  void MakeSpecial() {
    Directory("/special");
    Node("/special/fifo", 0010644);
    Node("/special/char", 0020644);
    Node("/special/socket", 0140644);
  }

  void MakeAcls() {
    const Bytes acl = EncodeAcl({{AclTag::kUserObject, 7},
                                 {AclTag::kUser, 6, 1234},
                                 {AclTag::kGroupObject, 5},
                                 {AclTag::kMask, 7},
                                 {AclTag::kOther, 5}});
    const std::string value(acl.begin(), acl.end());
    const InodeNumber directory = Directory("/acl");
    EXPECT_TRUE(volume_.SetXattr(directory, kDefaultAclName, value, XattrMode::kAny));
    File("/acl/child", 10);
    EXPECT_TRUE(volume_.SetXattr(inodes_["/files/plain"], kAccessAclName, value, XattrMode::kAny));
  }

  Volume& volume_;
  std::map<std::string, InodeNumber>& inodes_;
  model::Random random_{1};
};

}  // namespace

RichVault MakeRichVault() {
  RichVault rich;
  TestVault original;
  VolumeOptions options;
  options.commit_interval_ms = 1'000'000;
  const auto volume = original.Open(options);
  Maker(*volume, rich.inodes).MakeAll();
  // As it is while it is in use: what is unlinked is still there.
  rich.vault = original.CopyAsAfterACrash();
  return rich;
}

}  // namespace chainfs::fs::check

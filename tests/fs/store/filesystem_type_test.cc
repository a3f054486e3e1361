// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/filesystem_type.h"

#include "tests/fs/store/helpers.h"

namespace chainfs::fs::store {
namespace {

constexpr uint64_t kFuse = 0x65735546;

TEST(FilesystemTypeTest, RefusesNetworkFilesystemsByMagicAlone) {
  for (uint64_t magic : {0x6969u, 0x517bu, 0xff534d42u, 0xfe534d42u, 0x5346414fu, 0x73757245u,
                         0x01021997u, 0x00c36400u, 0x0bd00bd0u, 0x01161970u, 0x7461636fu}) {
    EXPECT_TRUE(WhyUnsafe({magic, ""})) << std::hex << magic;
  }
}

TEST(FilesystemTypeTest, RefusesNetworkFilesystemsByNameAlone) {
  for (const char* name : {"nfs", "nfs4", "cifs", "smb3", "afs", "coda", "9p", "ceph", "lustre",
                           "gfs2", "ocfs2", "virtiofs", "vboxsf"}) {
    EXPECT_TRUE(WhyUnsafe({0, name})) << name;
  }
}

TEST(FilesystemTypeTest, RefusesFuseWithANetworkSubtypeOnly) {
  for (const char* name : {"fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "fuse.glusterfs",
                           "fuse.gvfsd-fuse"}) {
    EXPECT_EQ(WhyUnsafe({kFuse, name}), "a network filesystem") << name;
  }
  for (const char* name : {"fuse", "fuseblk", "fuse.ntfs-3g", "fuse.fuse-overlayfs",
                           "fuse.mergerfs", "fuse.sshfs2", "sshfs"}) {
    EXPECT_FALSE(WhyUnsafe({kFuse, name})) << name;
  }
}

TEST(FilesystemTypeTest, AcceptsLocalFilesystems) {
  const FilesystemType local[] = {
      {0xef53, "ext4"},
      {0x58465342, "xfs"},
      {0x9123683e, "btrfs"},
      {0x2fc12fc1, "zfs"},
      {0x01021994, "tmpfs"},
      {0x794c7630, "overlay"},
      {0xf2f52010, "f2fs"},
      {0xca451a4e, "bcachefs"},
      {0x4d44, "vfat"},
      {0x2011bab0, "exfat"},
      {0, ""},
  };
  for (const FilesystemType& type : local) EXPECT_FALSE(WhyUnsafe(type)) << type.name;
}

TEST(FilesystemTypeTest, TellsWhatADirectoryLiesOn) {
  FilesystemType proc = Take(GetFilesystemType("/proc"));
  EXPECT_EQ(proc.magic, 0x9fa0u);
  EXPECT_EQ(proc.name, "proc");
  EXPECT_EQ(CodeOf(GetFilesystemType("/proc/no such thing")), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace chainfs::fs::store

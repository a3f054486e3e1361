// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/filesystem_type.h"

#include <fcntl.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "fs/store/descriptor.h"
#include "fs/store/lmdb_error.h"

namespace chainfs::fs::store {
namespace {

constexpr std::string_view kNetwork = "a network filesystem";
constexpr std::string_view kCluster = "a cluster filesystem";
constexpr std::string_view kShared = "a directory shared with another machine";

struct Unsafe {
  uint64_t magic;
  std::string_view name;  // 0 or empty: not told apart by it
  std::string_view why;
};

// Magic numbers from Linux's include/uapi/linux/magic.h and the filesystems' own sources.
constexpr Unsafe kUnsafe[] = {
    {0x6969, "nfs", kNetwork},        {0, "nfs4", kNetwork},
    {0x517b, "smbfs", kNetwork},      {0xff534d42, "cifs", kNetwork},
    {0xfe534d42, "smb3", kNetwork},   {0x5346414f, "afs", kNetwork},
    {0x6b414653, "kafs", kNetwork},   {0x73757245, "coda", kNetwork},
    {0x564c, "ncpfs", kNetwork},      {0x00c36400, "ceph", kCluster},
    {0x0bd00bd0, "lustre", kCluster}, {0x01161970, "gfs2", kCluster},
    {0x7461636f, "ocfs2", kCluster},  {0x19830326, "beegfs", kCluster},
    {0x20030528, "pvfs2", kCluster},  {0, "orangefs", kCluster},
    {0x47504653, "gpfs", kCluster},   {0xaad7aaea, "panfs", kCluster},
    {0x01021997, "9p", kShared},      {0, "virtiofs", kShared},
    {0x786f4256, "vboxsf", kShared},  {0xbacbacbc, "vmhgfs", kShared},
    {0, "prl_fs", kShared},
};

// FUSE has one magic number for all; the part after "fuse." says which it is.
constexpr std::string_view kNetworkFuse[] = {
    "sshfs",     "s3fs",      "rclone",    "davfs",     "davfs2",      "goofys",
    "gcsfuse",   "glusterfs", "ceph",      "ceph-fuse", "mfs",         "mfsmount",
    "moosefs",   "lizardfs",  "saunafs",   "juicefs",   "gvfsd-fuse",  "curlftpfs",
    "httpdirfs", "s3ql",      "smbnetfs",  "fusesmb",   "nfs",         "fuse-nfs",
    "afpfs",     "onedriver", "blobfuse",  "blobfuse2", "mount-s3",    "mountpoint-s3",
    "hdfs",      "fuse_dfs",  "seaweedfs", "ipfs",      "vmhgfs-fuse", "xtreemfs",
    "seadrive",  "obsfs",     "cosfs",     "ossfs",     "wekafs",      "google-drive-ocamlfuse",
};

bool IsNetworkFuse(std::string_view name) {
  constexpr std::string_view kPrefix = "fuse.";
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  return std::find(std::begin(kNetworkFuse), std::end(kNetworkFuse), name) !=
         std::end(kNetworkFuse);
}

// The mount's type name. Mount ids and not device numbers, which btrfs does not keep to.
std::string FindTypeName(int fd) {
  std::ifstream fd_info("/proc/self/fdinfo/" + std::to_string(fd));
  std::string mount_id, word;
  while (fd_info >> word) {
    if (word == "mnt_id:") fd_info >> mount_id;
  }
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    if (!(fields >> word) || word != mount_id) continue;
    while (fields >> word && word != "-") {
    }
    fields >> word;
    return word;
  }
  return {};
}

}  // namespace

std::optional<std::string_view> WhyUnsafe(const FilesystemType& type) {
  for (const Unsafe& unsafe : kUnsafe) {
    if ((unsafe.magic != 0 && unsafe.magic == type.magic) || unsafe.name == type.name) {
      return unsafe.why;
    }
  }
  if (IsNetworkFuse(type.name)) return kNetwork;
  return std::nullopt;
}

Result<FilesystemType> GetFilesystemType(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct statfs status;
  if (!fd || ::fstatfs(fd.get(), &status) != 0) return OpenError(errno, "cannot look at " + path);
  FilesystemType type;
  // f_type is a signed long: magic numbers with the top bit set must not be extended.
  type.magic = static_cast<uint32_t>(status.f_type);
  type.name = FindTypeName(fd.get());
  return type;
}

}  // namespace chainfs::fs::store

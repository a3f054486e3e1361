// SPDX-License-Identifier: GPL-3.0-or-later
// What a Volume takes and gives: attributes, names, options. Plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::fs {

constexpr InodeNumber kRootInode{1};
constexpr size_t kMaxNameBytes = 255;
constexpr uint64_t kMaxFileSize = 0x7fffffffffffffffULL;  // 8 EiB - 1
constexpr size_t kBlockBytes = 4096;
constexpr size_t kRegionBlocks = 32;
constexpr size_t kRegionBytes = kBlockBytes * kRegionBlocks;

struct Timestamp {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  auto operator<=>(const Timestamp&) const = default;
};

struct Attributes {
  InodeNumber inode;
  uint32_t mode = 0;  // type and permissions, as in st_mode
  uint32_t uid = 0, gid = 0;
  uint32_t nlink = 0;
  uint64_t size = 0;
  uint64_t blocks_512 = 0;  // st_blocks
  uint64_t rdev = 0;        // as the kernel encodes it (dev_t)
  uint32_t generation = 0;
  Timestamp atime, mtime, ctime, btime;
  bool has_access_acl = false;  // then the mode's group bits are the ACL's mask
};

// What setattr changes; what is absent stays. ctime is set to now unless given.
struct AttributeChange {
  std::optional<uint32_t> mode;  // permission bits; the type stays
  std::optional<uint32_t> uid, gid;
  std::optional<uint64_t> size;
  std::optional<Timestamp> atime, mtime, ctime;
  bool kill_suid_sgid = false;  // FATTR_KILL_SUIDGID
};

// The parameters of a new inode. `umask` applies unless the parent has a default ACL.
struct NewInode {
  uint32_t mode = 0;
  uint32_t uid = 0, gid = 0;
  uint32_t umask = 0;
  uint64_t rdev = 0;
};

struct DirectoryEntry {
  InodeNumber inode;
  uint32_t type = 0;  // S_IFMT bits
  std::string_view name;
  uint64_t next_cookie = 0;  // where to go on after this entry
};

// A checkpoint (a signed note) that was kept outside the vault.
struct RememberedHead {
  std::string source;  // where, for messages
  std::string checkpoint;
  uint64_t time_ns = 0;  // of its newest record; 0: not known
};

enum class RenameMode { kReplace, kNoReplace, kExchange, kWhiteout };
enum class SeekKind { kData, kHole };
enum class XattrMode { kAny, kCreate, kReplace };

struct VolumeStatistics {
  uint64_t total_bytes = 0, free_bytes = 0;
  uint64_t inodes = 0, inodes_free = 0;
};

}  // namespace chainfs::fs

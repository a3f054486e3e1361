// SPDX-License-Identifier: GPL-3.0-or-later
// The INODE item: what the tree stores of an inode. Fixed-width, big-endian, followed by the data
// of a small regular file, or the target of a symlink.
//
//   0 mode u32 | 4 uid u32 | 8 gid u32 | 12 nlink u32 | 16 size u64 | 24 blocks u64 | 32 rdev u64 |
//   40 generation u32 | 44 flags u32 | 48 atime, 60 mtime, 72 ctime, 84 btime (s i64, ns u32) |
//   96 parent u64 | 104 next entry sequence (directories) or reserved blocks (regular files) u64 |
//   112 inline data
#pragma once

#include <optional>

#include "fs/clock.h"
#include "fs/types.h"

namespace chainfs::fs {

constexpr size_t kInodeFixedBytes = 112;
constexpr size_t kMaxInlineBytes = 1024;  // a regular file up to this size lives in its INODE item

enum InodeFlags : uint32_t {
  kInlineData = 1,     // a regular file whose data follows; it has no EXTENT items
  kHasXattrs = 2,      // there may be XATTR items: without it nobody looks
  kHasDefaultAcl = 4,  // a directory with system.posix_acl_default
  kHasAccessAcl = 8,   // system.posix_acl_access
  kHasReserved = 16,   // there may be RESERVED items
  kShrinking = 32,     // a truncation is not finished: there may be EXTENT items past the end
};

struct InodeItem {
  uint32_t mode = 0, uid = 0, gid = 0, nlink = 0;
  uint64_t size = 0;
  uint64_t blocks = 0;  // live 4 KiB blocks; 0 for inline data
  uint64_t rdev = 0;
  uint32_t generation = 0;
  uint32_t flags = 0;
  Timestamp atime, mtime, ctime, btime;
  InodeNumber parent;                // directories
  uint64_t reserved_blocks = 0;      // regular files: by fallocate, and not live
  uint64_t next_entry_sequence = 3;  // directories: 1 and 2 are the cookies of "." and ".."
  Bytes inline_data;                 // a small file's bytes (size of them), or a symlink's target

  bool is_directory() const { return (mode & 0170000) == 0040000; }
  bool is_regular() const { return (mode & 0170000) == 0100000; }
  bool is_symlink() const { return (mode & 0170000) == 0120000; }
};

Bytes EncodeInode(const InodeItem& inode);
// The same into a caller's buffer; returns the size.
// REQUIRES: out.size() >= kInodeFixedBytes + inode.inline_data.size().
size_t EncodeInodeTo(const InodeItem& inode, MutableByteView out);
// nullopt: not a sound INODE item (a hostile key-holder or a bug; never chance: it was sealed).
std::optional<InodeItem> DecodeInode(ByteView value);
// All but inline_data, for who only wants attributes.
std::optional<InodeItem> DecodeInodeHead(ByteView value);

Attributes AttributesOf(InodeNumber number, const InodeItem& inode);

}  // namespace chainfs::fs

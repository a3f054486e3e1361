// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/inode_item.h"

#include <ctime>

#include "crypto/base/byte_order.h"

namespace chainfs::fs {
namespace {

constexpr uint32_t kTypeMask = 0170000;
constexpr uint32_t kKnownFlags =
    kInlineData | kHasXattrs | kHasDefaultAcl | kHasAccessAcl | kHasReserved | kShrinking;
constexpr uint32_t kNanosecondsPerSecond = 1'000'000'000;

void PutTime(uint8_t* at, const Timestamp& time) {
  PutBE(at, static_cast<uint64_t>(time.seconds));
  PutBE(at + 8, time.nanoseconds);
}

Timestamp GetTime(const uint8_t* at) {
  return {static_cast<int64_t>(GetBE<uint64_t>(at)), GetBE<uint32_t>(at + 8)};
}

bool IsKnownType(uint32_t mode) {
  switch (mode & kTypeMask) {
    case 0010000:  // FIFO
    case 0020000:  // character device
    case 0040000:  // directory
    case 0060000:  // block device
    case 0100000:  // regular file
    case 0120000:  // symlink
    case 0140000:  // socket
      return true;
    default:
      return false;
  }
}

bool IsSound(const InodeItem& inode, size_t inline_bytes) {
  if (!IsKnownType(inode.mode) || (inode.flags & ~kKnownFlags) != 0) return false;
  for (const Timestamp& time : {inode.atime, inode.mtime, inode.ctime, inode.btime}) {
    if (time.nanoseconds >= kNanosecondsPerSecond) return false;
  }
  if (inode.is_symlink()) return inline_bytes > 0 && inline_bytes <= inode.size;
  if (!inode.is_regular()) return inline_bytes == 0 && (inode.flags & kInlineData) == 0;
  if (inode.size > kMaxFileSize) return false;
  if ((inode.flags & kInlineData) == 0) return inline_bytes == 0;
  return inline_bytes == inode.size && inline_bytes <= kMaxInlineBytes;
}

}  // namespace

size_t EncodeInodeTo(const InodeItem& inode, MutableByteView out) {
  uint8_t* at = out.data();
  PutBE(at, inode.mode);
  PutBE(at + 4, inode.uid);
  PutBE(at + 8, inode.gid);
  PutBE(at + 12, inode.nlink);
  PutBE(at + 16, inode.size);
  PutBE(at + 24, inode.blocks);
  PutBE(at + 32, inode.rdev);
  PutBE(at + 40, inode.generation);
  PutBE(at + 44, inode.flags);
  PutTime(at + 48, inode.atime);
  PutTime(at + 60, inode.mtime);
  PutTime(at + 72, inode.ctime);
  PutTime(at + 84, inode.btime);
  PutBE(at + 96, inode.parent.value);
  PutBE(at + 104, inode.is_regular() ? inode.reserved_blocks : inode.next_entry_sequence);
  if (!inode.inline_data.empty()) {
    std::memcpy(at + kInodeFixedBytes, inode.inline_data.data(), inode.inline_data.size());
  }
  return kInodeFixedBytes + inode.inline_data.size();
}

Bytes EncodeInode(const InodeItem& inode) {
  Bytes out(kInodeFixedBytes + inode.inline_data.size());
  EncodeInodeTo(inode, out);
  return out;
}

std::optional<InodeItem> DecodeInodeHead(ByteView value) {
  if (value.size() < kInodeFixedBytes) return std::nullopt;
  const uint8_t* at = value.data();
  InodeItem inode;
  inode.mode = GetBE<uint32_t>(at);
  inode.uid = GetBE<uint32_t>(at + 4);
  inode.gid = GetBE<uint32_t>(at + 8);
  inode.nlink = GetBE<uint32_t>(at + 12);
  inode.size = GetBE<uint64_t>(at + 16);
  inode.blocks = GetBE<uint64_t>(at + 24);
  inode.rdev = GetBE<uint64_t>(at + 32);
  inode.generation = GetBE<uint32_t>(at + 40);
  inode.flags = GetBE<uint32_t>(at + 44);
  inode.atime = GetTime(at + 48);
  inode.mtime = GetTime(at + 60);
  inode.ctime = GetTime(at + 72);
  inode.btime = GetTime(at + 84);
  inode.parent = InodeNumber(GetBE<uint64_t>(at + 96));
  (inode.is_regular() ? inode.reserved_blocks : inode.next_entry_sequence) =
      GetBE<uint64_t>(at + 104);
  if (!IsSound(inode, value.size() - kInodeFixedBytes)) return std::nullopt;
  return inode;
}

std::optional<InodeItem> DecodeInode(ByteView value) {
  auto inode = DecodeInodeHead(value);
  if (inode) {
    const ByteView data = value.subspan(kInodeFixedBytes);
    inode->inline_data.assign(data.begin(), data.end());
  }
  return inode;
}

Attributes AttributesOf(InodeNumber number, const InodeItem& inode) {
  Attributes attributes;
  attributes.inode = number;
  attributes.mode = inode.mode;
  attributes.uid = inode.uid;
  attributes.gid = inode.gid;
  attributes.nlink = inode.nlink;
  attributes.size = inode.size;
  // Inline data counts, too: tar takes a file with no block at all for one big hole.
  const uint64_t inline_bytes = (inode.flags & kInlineData) != 0 ? inode.size : 0;
  attributes.blocks_512 =
      (inode.blocks + inode.reserved_blocks) * (kBlockBytes / 512) + (inline_bytes + 511) / 512;
  attributes.rdev = inode.rdev;
  attributes.generation = inode.generation;
  attributes.has_access_acl = (inode.flags & kHasAccessAcl) != 0;
  attributes.atime = inode.atime;
  attributes.mtime = inode.mtime;
  attributes.ctime = inode.ctime;
  attributes.btime = inode.btime;
  return attributes;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/dentry_codec.h"

#include <cstring>

namespace chainfs::fs {

bool DentryValue::Append(const Dentry& entry) {
  const size_t bytes = kDentryFixedBytes + entry.name.size();
  if (bytes > raw_.size() - size_) return false;
  uint8_t* at = raw_.data() + size_;
  PutBE(at, entry.target.inode.value);
  PutBE(at + 8, entry.sequence);
  at[16] = static_cast<uint8_t>(entry.target.type >> 12);
  at[17] = static_cast<uint8_t>(entry.name.size());
  std::memcpy(at + kDentryFixedBytes, entry.name.data(), entry.name.size());
  size_ += bytes;
  return true;
}

DirIndexValue::DirIndexValue(const DirIndexEntry& entry)
    : size_(kDirIndexFixedBytes + entry.name.size()) {
  PutBE(raw_.data(), entry.target.inode.value);
  raw_[8] = static_cast<uint8_t>(entry.target.type >> 12);
  std::memcpy(raw_.data() + kDirIndexFixedBytes, entry.name.data(), entry.name.size());
}

std::optional<DirIndexEntry> DecodeDirIndex(ByteView value) {
  if (value.size() <= kDirIndexFixedBytes) return std::nullopt;
  if (value.size() > kDirIndexFixedBytes + kMaxNameBytes) return std::nullopt;
  DirIndexEntry entry;
  entry.target.inode = InodeNumber(GetBE<uint64_t>(value.data()));
  entry.target.type = static_cast<uint32_t>(value[8]) << 12;
  entry.name = {reinterpret_cast<const char*>(value.data() + kDirIndexFixedBytes),
                value.size() - kDirIndexFixedBytes};
  return entry;
}

}  // namespace chainfs::fs

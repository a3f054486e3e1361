// SPDX-License-Identifier: GPL-3.0-or-later
// The values of DENTRY and DIRINDEX items.
//
//   DENTRY    the entries whose names have this hash, one after another:
//             0 inode u64 | 8 sequence u64 | 16 type u8 | 17 name length u8 | 18 name
//   DIRINDEX  0 inode u64 | 8 type u8 | 9 name
//
// The type is st_mode's, shifted right by 12 bits. The sequence is the offset of the entry's
// DIRINDEX item, so that a name can be removed without a search. Pure; no threads.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "crypto/base/byte_order.h"
#include "fs/tree/node.h"
#include "fs/types.h"

namespace chainfs::fs {

// What an entry says of the inode it names.
struct EntryTarget {
  InodeNumber inode;
  uint32_t type = 0;  // S_IFMT bits
};

struct Dentry {
  EntryTarget target;
  uint64_t sequence = 0;
  std::string_view name;
};

constexpr size_t kDentryFixedBytes = 8 + 8 + 1 + 1;
constexpr size_t kDirIndexFixedBytes = 8 + 1;

// Visits the entries of a DENTRY value until `visit` gives false. False: the value is not sound.
template <class F>
[[nodiscard]] bool ForEachDentry(ByteView value, F&& visit) {
  while (!value.empty()) {
    if (value.size() < kDentryFixedBytes) return false;
    const uint8_t* at = value.data();
    const size_t bytes = kDentryFixedBytes + at[17];
    if (at[17] == 0 || value.size() < bytes) return false;
    Dentry entry;
    entry.target.inode = InodeNumber(GetBE<uint64_t>(at));
    entry.sequence = GetBE<uint64_t>(at + 8);
    entry.target.type = static_cast<uint32_t>(at[16]) << 12;
    entry.name = {reinterpret_cast<const char*>(at + kDentryFixedBytes), at[17]};
    if (!visit(entry)) return true;
    value = value.subspan(bytes);
  }
  return true;
}

// A DENTRY value in the making.
class DentryValue {
 public:
  // False: it would be larger than an item may be, and nothing has changed. That takes a dozen
  // names with one 64-bit hash.
  [[nodiscard]] bool Append(const Dentry& entry);
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {raw_.data(), size_}; }

 private:
  std::array<uint8_t, kMaxValueBytes> raw_;
  size_t size_ = 0;
};

struct DirIndexEntry {
  EntryTarget target;
  std::string_view name;
};

// A DIRINDEX value in a buffer of its own. REQUIRES: name.size() <= kMaxNameBytes.
class DirIndexValue {
 public:
  explicit DirIndexValue(const DirIndexEntry& entry);
  ByteView view() const { return {raw_.data(), size_}; }

 private:
  std::array<uint8_t, kDirIndexFixedBytes + kMaxNameBytes> raw_;
  size_t size_;
};

// nullopt: not a sound value. The name points into `value`.
std::optional<DirIndexEntry> DecodeDirIndex(ByteView value);

}  // namespace chainfs::fs

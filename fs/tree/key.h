// SPDX-License-Identifier: GPL-3.0-or-later
// Where an item lies in the tree: (inode, kind, offset), compared in that order.
#pragma once

#include <compare>

#include "crypto/base/byte_order.h"
#include "crypto/base/types.h"

namespace chainfs::fs {

// Values are on disk: never renumber. docs/format-tree.md has the bytes of each kind's value.
enum class ItemKind : uint8_t {
  kInode = 1,     // offset 0
  kDentry = 2,    // offset: keyed hash of the name
  kDirIndex = 3,  // offset: entry sequence, the readdir cookie
  kXattr = 4,     // offset: keyed hash of the name
  kExtent = 5,    // offset: region index
  kReserved = 6,  // offset: first block
  kOrphan = 7,    // under inode 0; offset: inode number
  kRef = 8,       // kept free: not written yet
  kSetting = 9,   // under inode 0; offset: number of the setting
};

struct Key {
  uint64_t inode = 0;
  ItemKind kind = ItemKind::kInode;
  uint64_t offset = 0;

  Key() = default;
  Key(InodeNumber i, ItemKind k, uint64_t o) : inode(i.value), kind(k), offset(o) {}

  auto operator<=>(const Key&) const = default;
};

constexpr size_t kKeyBytes = 8 + 1 + 8;  // encoded: big-endian, so that memcmp orders as <=> does

inline void PutKey(uint8_t* at, const Key& key) {
  PutBE(at, key.inode);
  at[8] = static_cast<uint8_t>(key.kind);
  PutBE(at + 9, key.offset);
}

inline Key GetKey(const uint8_t* at) {
  Key key;
  key.inode = GetBE<uint64_t>(at);
  key.kind = static_cast<ItemKind>(at[8]);
  key.offset = GetBE<uint64_t>(at + 9);
  return key;
}

}  // namespace chainfs::fs

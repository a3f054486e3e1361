// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and storing INODE items, over a ReadView or a Change alike, and where ORPHAN items are.
#pragma once

#include "fs/core.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// kStale: no such inode (any more). kDamaged: the item is unsound.
template <class View>
Result<InodeItem> LoadInode(const View& view, InodeNumber number) {
  auto item = view.Find(Key(number, ItemKind::kInode, 0));
  if (!item) {
    if (item.error().code == ErrorCode::kNotFound) return ErrorCode::kStale;
    return std::move(item).error();
  }
  auto inode = DecodeInode(item->value);
  if (!inode) return ErrorCode::kDamaged;
  return std::move(*inode);
}

// Also marks the inode as touched.
inline Result<void> StoreInode(Change& change, InodeNumber number, const InodeItem& inode) {
  auto put = change.Put(Key(number, ItemKind::kInode, 0), EncodeInode(inode));
  if (put) change.Touch(number);
  return put;
}

// Of the ORPHAN item that says that an inode has no name, or is being truncated.
inline Key OrphanKey(InodeNumber number) {
  return Key(InodeNumber(0), ItemKind::kOrphan, number.value);
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and storing INODE items, over a ReadView or a Change alike.
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
  change.Touch(number);
  return change.Put(Key(number, ItemKind::kInode, 0), EncodeInode(inode));
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// The first pass: every item belongs to an inode and fits it. An inode that has lost its INODE item
// gets a new one, if it has anything else. Fills the table of inodes. One thread.
#pragma once

#include "fs/repair/file_items.h"
#include "fs/repair/xattr_items.h"

namespace chainfs::fs::repair {

class ItemPass {
 public:
  explicit ItemPass(Workbench& bench) : bench_(bench), file_(bench), xattrs_(bench) {}
  // Errors: kIo and the like. REQUIRES: every node of the tree opens.
  Result<void> Run();

 private:
  void Begin(InodeNumber number);
  Result<Step> OnItem(const Key& key, ByteView value);
  Result<Step> OnInodeItem(const Key& key, ByteView value);
  Result<Step> OnEntryItem(const Key& key, ByteView value);
  Result<Step> OnSpecialItem(const Key& key, ByteView value);  // of inode 0
  Result<Step> Drop(const Key& key, ByteView value);
  Result<void> FinishInode();
  // The inode's item, if there is to be one: the one it has, or one made up.
  Result<std::optional<InodeItem>> SettleItem();
  InodeItem MakeUp(uint32_t mode);
  Result<void> RemoveSymlink(const InodeItem& inode);

  Workbench& bench_;
  FileItems file_;
  XattrItems xattrs_;
  InodeNumber number_;
  std::optional<InodeItem> item_;
  Bytes encoded_;  // of item_, as stored; empty: made up
  std::optional<Bytes> tail_;
  bool has_entries_ = false;
};

}  // namespace chainfs::fs::repair

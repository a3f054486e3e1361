// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/directory.h"

#include "fs/clock.h"

namespace chainfs::fs {

Result<InodeItem> LoadDirectory(const Tree& tree, InodeNumber number) {
  auto inode = LoadInode(tree, number);
  if (inode && !inode->is_directory()) return ErrorCode::kNotDirectory;
  return inode;
}

Result<InodeItem> LoadLiveDirectory(const Tree& tree, InodeNumber number) {
  auto inode = LoadDirectory(tree, number);
  if (inode && inode->nlink == 0) return ErrorCode::kNotFound;
  return inode;
}

Result<InodeItem> LoadNamed(const Tree& tree, InodeNumber number) {
  auto inode = LoadInode(tree, number);
  if (!inode && inode.error().code == ErrorCode::kStale) return ErrorCode::kDamaged;
  return inode;
}

void StampEntryChange(InodeItem& directory, int entries) {
  directory.size += static_cast<uint64_t>(int64_t{entries});
  directory.mtime = directory.ctime = Now();
}

}  // namespace chainfs::fs

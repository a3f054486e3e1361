// SPDX-License-Identifier: GPL-3.0-or-later
// What operations on names ask of a directory's inode, and do to it.
#pragma once

#include "fs/core.h"
#include "fs/inode_access.h"

namespace chainfs::fs {

constexpr uint32_t kMaxLinks = 0xffffffff;

// kStale, kNotDirectory, kDamaged, kIo. Under either tree lock.
Result<InodeItem> LoadDirectory(const Tree& tree, InodeNumber number);
// As LoadDirectory; kNotFound: it has been removed, so nothing can be made in it.
Result<InodeItem> LoadLiveDirectory(const Tree& tree, InodeNumber number);
// The inode that an entry leads to: kDamaged if there is none.
Result<InodeItem> LoadNamed(const Tree& tree, InodeNumber number);

// An entry has been added (1), removed (-1) or replaced (0).
void StampEntryChange(InodeItem& directory, int entries);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// The target of a symlink: in its INODE item as far as it fits there, and the rest of a very long
// one as the value of a second item, at offset 1.
#pragma once

#include <string>

#include "fs/core.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

constexpr size_t kMaxTargetBytes = 4095;  // Linux's PATH_MAX, less its NUL

// Puts the target into the item, and what does not fit there into the tree.
// REQUIRES: 0 < target.size() <= kMaxTargetBytes.
Result<void> StoreTarget(Change& change, InodeNumber number, InodeItem& inode,
                         std::string_view target);
// kDamaged, kIo. Under either tree lock.
Result<std::string> LoadTarget(const Tree& tree, InodeNumber number, const InodeItem& inode);
Result<void> EraseTargetTail(Change& change, InodeNumber number, const InodeItem& inode);

}  // namespace chainfs::fs

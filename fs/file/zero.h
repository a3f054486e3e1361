// SPDX-License-Identifier: GPL-3.0-or-later
// Making parts of a file's content zero: whole blocks become holes, parts of blocks are rewritten.
#pragma once

#include <optional>
#include <vector>

#include "fs/core.h"
#include "fs/file/store_blocks.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// REQUIRES (all): the exclusive inode lock. Errors: kDamaged, kIo, and those of Change::Begin.

// Zeroes [offset, end) as far as it lies inside the file, in bounded steps, each a Change of its
// own; the size stays. `inode`: as it is now.
Result<void> ZeroContent(Core& core, InodeNumber number, const InodeItem& inode, uint64_t offset,
                         uint64_t end);

// What StoreBlocks needs to zero [from, to), which lies within one block of a file of `size` bytes:
// that block and, if the region is due to be merged, its others. Empty: the block is a hole.
Result<std::vector<PlacedBlock>> PrepareZeroed(Core& core, InodeNumber number, uint64_t from,
                                               uint64_t to, uint64_t size);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Changing which pieces hold the blocks of a region.
#pragma once

#include <span>

#include "fs/core.h"
#include "fs/file/piece.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// A block on its way into a file.
struct PlacedBlock {
  uint64_t index = 0;  // in the file: offset / 4 KiB
  Block block;
};

// Puts the blocks of one region into the open generation's piece and takes them from the others.
// Updates inode.blocks; the caller stores the inode. kDamaged: the region's item is unsound, or has
// no room for another piece. REQUIRES: all blocks are of one region; MergeIfDue has been asked; the
// exclusive inode lock.
Result<void> StoreBlocks(Change& change, InodeNumber number, InodeItem& inode,
                         std::span<PlacedBlock> blocks);

// Makes the blocks of `mask` in `region` holes. Updates inode.blocks.
Result<void> DropBlocks(Change& change, InodeNumber number, InodeItem& inode, RegionIndex region,
                        BlockMask mask);

}  // namespace chainfs::fs

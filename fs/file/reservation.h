// SPDX-License-Identifier: GPL-3.0-or-later
// Space that fallocate set aside. A RESERVED item covers a range of blocks:
//
//   key offset: the first block of the file; value: number of blocks u64, big-endian
//
// Ranges of a file do not overlap. A block in one that is not live yet counts in the file's
// st_blocks and in the volume's reserved bytes, and writing it needs no further space.
#pragma once

#include "fs/core.h"
#include "fs/file/extent_codec.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// The blocks of [from, to) that are neither live nor reserved.
Result<uint64_t> CountUnreservedHoles(const Change& change, InodeNumber number, uint64_t from,
                                      uint64_t to);

// All of these update inode.reserved_blocks and the volume's counter; the caller stores the inode.

// Adds the blocks [from, to) to what is reserved.
Result<void> ReserveBlocks(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                           uint64_t to);

// Takes [from, to) out again.
Result<void> CutReservation(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                            uint64_t to);

// The live blocks of a region changed from `before` to `after`: those that were written use up what
// is reserved for them, those that became holes are reserved again.
Result<void> NoteLiveness(Change& change, InodeNumber number, InodeItem& inode, RegionIndex region,
                          BlockMask before, BlockMask after);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Space that fallocate set aside. A RESERVED item covers a range of blocks:
//
//   key offset: the first block of the file; value: number of blocks u64, big-endian
//
// Ranges of a file do not overlap. A block in one that is not live yet counts in the file's
// st_blocks and in the volume's reserved bytes, and writing it needs no further space.
//
// Threads: what takes a Tree, under either tree lock.
#pragma once

#include "fs/core.h"
#include "fs/file/extent_codec.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// Where a step from block `from` on ends that meets a bounded number of items; at most `to`.
// REQUIRES (all with `to`): from < to.
Result<uint64_t> EndOfStep(const Tree& tree, InodeNumber number, uint64_t from, uint64_t to);

// The blocks of [from, to) that are neither live nor reserved. REQUIRES: a step's worth.
Result<uint64_t> CountUnreservedHoles(const Tree& tree, InodeNumber number, uint64_t from,
                                      uint64_t to);

// The reserved blocks that are not live, of the whole inode. kDamaged: a RESERVED item is unsound.
Result<uint64_t> CountReserved(const Tree& tree, InodeNumber number);

// All of these update inode.reserved_blocks and the volume's counter; the caller stores the inode.
// Failing, they leave both in line with the items.

// Adds the blocks [from, to) to what is reserved. REQUIRES: a step's worth.
Result<void> ReserveBlocks(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                           uint64_t to);

// Takes [from, to) out again, a bounded number of ranges at a time. True: nothing is left.
// REQUIRES: hardly any of these blocks is live (they are counted).
Result<bool> CutReservation(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                            uint64_t to);

// The live blocks of a region are about to change from `before` to `after`: those that will have
// been written use up what is reserved for them, those that become holes are reserved again.
// Failing, it has changed nothing.
Result<void> NoteLiveness(Change& change, InodeNumber number, InodeItem& inode, RegionIndex region,
                          BlockMask before, BlockMask after);

}  // namespace chainfs::fs

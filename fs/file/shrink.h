// SPDX-License-Identifier: GPL-3.0-or-later
// Making a regular file smaller, in bounded steps, each a Change of its own.
//
// The first step sets the size. If there is more past the new end than it can drop, it marks the
// inode kShrinking, and leaves an ORPHAN item with the target size so that a crash in between is
// finished after the next mount. Until the last step has taken both away, nothing may make the file
// larger, or what was cut off would be back: whoever wants to finishes the truncation first.
//
// REQUIRES (all but DropExtents): the exclusive inode lock.
// Errors: kDamaged, kIo, kStale, and those of Change::Begin.
#pragma once

#include <vector>

#include "fs/core.h"
#include "fs/file/store_blocks.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// `cut`: what PrepareZeroed gave for the block in which the new end lies; empty: none has to be
// rewritten. True: that was all there was to do. REQUIRES: size <= the file's; it is not inline.
Result<bool> BeginTruncation(Core& core, InodeNumber number, uint64_t size,
                             std::vector<PlacedBlock> cut, bool kill_suid_sgid);

// One more step. True: nothing is left to do.
Result<bool> ContinueTruncation(Core& core, InodeNumber number);

// All steps that are left.
Result<void> FinishTruncation(Core& core, InodeNumber number);

// Has the truncation of an inode with a name to `size` finished by the next mount, if nobody has
// finished it by then.
Result<void> PutTruncationMark(Change& change, InodeNumber number, uint64_t size);

// Drops blocks from `from_block` on, of up to `max_regions` regions, and when none is left what is
// reserved there. True: that, too, is gone. Updates the inode, also if it fails; the caller stores
// it. REQUIRES: max_regions > 1; nobody else can reach the inode, or the exclusive inode lock.
Result<bool> DropExtents(Change& change, InodeNumber number, InodeItem& inode, uint64_t from_block,
                         size_t max_regions);

}  // namespace chainfs::fs

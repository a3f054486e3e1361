// SPDX-License-Identifier: GPL-3.0-or-later
// Changing a regular file's size, and making or reserving holes in it. The operations of Volume.
//
// What is long is done in bounded steps, each a Change of its own: a truncation of a large file
// leaves an ORPHAN item with the target size first, so that a crash in between is finished at the
// next mount.
#pragma once

#include "fs/core.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// kIsDirectory, kInvalid (not a regular file), kFileTooBig.
Result<void> Truncate(Core& core, InodeNumber inode, uint64_t size, bool kill_suid_sgid);
Result<void> PunchHole(Core& core, InodeNumber inode, uint64_t offset, uint64_t length);
Result<void> ZeroRange(Core& core, InodeNumber inode, uint64_t offset, uint64_t length,
                       bool keep_size);
Result<void> Allocate(Core& core, InodeNumber inode, uint64_t offset, uint64_t length,
                      bool keep_size);

// Removes up to `max_regions` EXTENT items from `from` on, with their pieces. True: none is left.
// Updates inode.blocks; the caller stores the inode.
Result<bool> DropExtents(Change& change, InodeNumber number, InodeItem& inode, RegionIndex from,
                         size_t max_regions);

// Finishes a truncation that a crash interrupted; removes its ORPHAN item.
// REQUIRES: nothing else uses the inode (mount), or the exclusive inode lock.
Result<void> FinishTruncation(Core& core, InodeNumber number);

}  // namespace chainfs::fs

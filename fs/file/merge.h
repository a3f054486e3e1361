// SPDX-License-Identifier: GPL-3.0-or-later
// Merging the pieces of a region into one, as part of a change that gives it a new piece anyway.
#pragma once

#include <vector>

#include "fs/file/regions.h"
#include "fs/file/store_blocks.h"

namespace chainfs::fs {

// If the region has too many pieces or too many dead blocks: adds its live blocks that are not
// among `blocks`, so that one piece has them all once they are stored. Pieces that do not verify
// stay as they are. Whoever calls StoreBlocks asks this first: it is what bounds the pieces of a
// region. True: blocks were added, behind the others. Errors: kIo.
// REQUIRES: the exclusive inode lock since `source` was found. `file_size`: at that time.
Result<bool> MergeIfDue(Core& core, const RegionSource& source, uint64_t file_size,
                        std::vector<PlacedBlock>& blocks);

}  // namespace chainfs::fs

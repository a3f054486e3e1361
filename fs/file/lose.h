// SPDX-License-Identifier: GPL-3.0-or-later
// Giving up a piece that cannot be opened: for repairs.
#pragma once

#include "fs/core.h"
#include "fs/file/extent_codec.h"

namespace chainfs::fs {

// What stands in an EXTENT item for blocks that are lost. REQUIRES: live != 0.
PieceRef LostPiece(BlockMask live);

// Puts a lost piece in the place of `piece`: reading its live blocks stays an error, and nothing
// refers to the object any more. Whether that dies, and leaves the store, is the caller's to say.
// kNotFound: the region has no such piece.
Result<void> LosePiece(Change& change, InodeNumber inode, RegionIndex region, ObjectId piece);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the content of regions: which pieces hold which blocks, and their plaintext.
#pragma once

#include <memory>
#include <vector>

#include "fs/core.h"
#include "fs/file/extent_codec.h"
#include "fs/file/piece.h"

namespace chainfs::fs {

// The pieces of one region as they were under a ReadView. `pending[i]` is set where pieces[i] has
// no blob in the store yet. Stays valid after the view for as long as the inode lock is held.
struct RegionSource {
  RegionIndex region;
  Pieces pieces;
  std::vector<std::shared_ptr<const Piece>> pending;
};

// The regions of [first, last] that have an EXTENT item, in order.
Result<std::vector<RegionSource>> FindRegions(const ReadView& view, InodeNumber inode,
                                              RegionIndex first, RegionIndex last);

// Fills `out` with the region's bytes from `begin` on; holes are zeros.
// REQUIRES: begin + out.size() <= kRegionBytes. kDamaged: a piece is missing or not authentic; the
// message says which bytes of the file it holds, to whole blocks. kWouldWait: see ReadObject.
Result<void> ReadRegion(Core& core, const RegionSource& source, size_t begin, MutableByteView out,
                        store::DiskRange* missing = nullptr);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Arithmetic on ranges of a file's blocks (offset / 4 KiB). Pure; no threads.
#pragma once

#include <algorithm>

#include "fs/file/extent_codec.h"

namespace chainfs::fs {

// What one Change, or one hold of the tree lock, goes through at the most: EXTENT items, and
// RESERVED items. Operations on large files take many such steps.
constexpr size_t kRegionsPerStep = 256;
constexpr size_t kRangesPerStep = 256;

// How many blocks `bytes` bytes take.
constexpr uint64_t BlocksOf(uint64_t bytes) {
  return bytes / kBlockBytes + (bytes % kBlockBytes != 0 ? 1 : 0);
}

// The region of a block.
constexpr uint64_t RegionOf(uint64_t block) { return block / kRegionBlocks; }

// How many bytes of a block lie inside a file of `size` bytes.
constexpr uint32_t BytesInFile(uint64_t block, uint64_t size) {
  const uint64_t begin = block * kBlockBytes;
  return size <= begin ? 0 : static_cast<uint32_t>(std::min<uint64_t>(size - begin, kBlockBytes));
}

// The blocks [from, to) of one file that lie in one region, as a mask.
constexpr BlockMask MaskWithin(uint64_t region, uint64_t from, uint64_t to) {
  const uint64_t begin = region * kRegionBlocks;
  BlockMask mask = 0;
  for (uint64_t i = std::max(from, begin); i < std::min(to, begin + kRegionBlocks); ++i) {
    mask |= BlockBit(i - begin);
  }
  return mask;
}

}  // namespace chainfs::fs

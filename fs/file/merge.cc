// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/merge.h"

#include <algorithm>

#include "fs/file/block_range.h"
#include "fs/file/write.h"

namespace chainfs::fs {
namespace {

// A region is merged when it is written and has this many pieces, or holds so many dead blocks.
constexpr size_t kMergePieces = 8;
constexpr size_t kMergeDeadBlocks = kRegionBlocks;
static_assert(kMergePieces < kMaxPieces);

bool IsDue(const Pieces& pieces) {
  size_t stored = 0;
  for (const PieceRef& ref : pieces) stored += CountBlocks(ref.stored);
  return pieces.size() >= kMergePieces || stored - CountBlocks(pieces.live()) >= kMergeDeadBlocks;
}

// The region as if it consisted of one of its pieces.
RegionSource OnlyPiece(const RegionSource& source, size_t i) {
  RegionSource one;
  one.region = source.region;
  one.pieces.Append(source.pieces[i]);
  one.pending.push_back(source.pending[i]);
  return one;
}

}  // namespace

Result<bool> MergeIfDue(Core& core, const RegionSource& source, uint64_t file_size,
                        std::vector<PlacedBlock>& blocks) {
  if (!IsDue(source.pieces)) return false;
  BlockMask missing = ~BlockMask{0};
  for (const PlacedBlock& placed : blocks) {
    if (placed.index / kRegionBlocks == source.region.value) {
      missing &= ~BlockBit(placed.index % kRegionBlocks);
    }
  }
  Bytes content(kRegionBytes);
  for (size_t piece = 0; piece < source.pieces.size(); ++piece) {
    const BlockMask wanted = source.pieces[piece].live & missing;
    if (wanted == 0) continue;
    auto read = ReadRegion(core, OnlyPiece(source, piece), 0, content);
    if (!read && read.error().code == ErrorCode::kDamaged) continue;
    if (!read) return std::move(read).error();
    for (BlockMask rest = wanted; rest != 0; rest &= rest - 1) {
      const size_t i = static_cast<size_t>(std::countr_zero(rest));
      const uint64_t index = source.region.value * kRegionBlocks + i;
      const uint32_t bytes = std::max(BytesInFile(index, file_size), 1u);
      blocks.push_back(
          {index, MakeBlock(core.blocks, 0, ByteView(content).subspan(i * kBlockBytes, bytes))});
    }
  }
  return true;
}

}  // namespace chainfs::fs

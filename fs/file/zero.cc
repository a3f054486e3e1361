// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/zero.h"

#include <algorithm>

#include "fs/file/block_range.h"
#include "fs/file/merge.h"
#include "fs/file/regions.h"
#include "fs/file/write.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {

// Zeroes [from, to) within one block, in a Change of its own.
Result<void> ZeroWithinBlock(Core& core, InodeNumber number, uint64_t from, uint64_t to,
                             uint64_t size) {
  auto blocks = PrepareZeroed(core, number, from, to, size);
  if (!blocks) return std::move(blocks).error();
  if (blocks->empty()) return {};
  auto change = Change::Begin(core, SpaceNeed::kShrink);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if (auto stored = StoreBlocks(*change, number, *inode, *blocks); !stored) return stored;
  return StoreInode(*change, number, *inode);
}

// The regions with an EXTENT item that have blocks in [from, to), the first few.
Result<std::vector<uint64_t>> FindSomeRegions(const Change& change, InodeNumber number,
                                              uint64_t from, uint64_t to) {
  std::vector<uint64_t> regions;
  auto cursor = change.Seek(Key(number, ItemKind::kExtent, RegionOf(from)));
  if (!cursor) return std::move(cursor).error();
  while (regions.size() < kRegionsPerStep && cursor->IsAt(number, ItemKind::kExtent) &&
         cursor->key().offset <= RegionOf(to - 1)) {
    regions.push_back(cursor->key().offset);
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return regions;
}

// Makes some of the whole blocks [from, to) holes. Gives where to go on; `to`: all are.
Result<uint64_t> DropSomeBlocks(Core& core, InodeNumber number, uint64_t from, uint64_t to) {
  auto change = Change::Begin(core, SpaceNeed::kShrink);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  auto regions = FindSomeRegions(*change, number, from, to);
  if (!regions) return std::move(regions).error();
  if (regions->empty()) return to;
  Result<void> dropped;
  for (auto region = regions->begin(); region != regions->end() && dropped; ++region) {
    dropped =
        DropBlocks(*change, number, *inode, RegionIndex(*region), MaskWithin(*region, from, to));
  }
  // Whether or not all were: the counts are those of what is left.
  if (auto stored = StoreInode(*change, number, *inode); !stored) return std::move(stored).error();
  if (!dropped) return std::move(dropped).error();
  return std::min(to, (regions->back() + 1) * kRegionBlocks);
}

}  // namespace

Result<std::vector<PlacedBlock>> PrepareZeroed(Core& core, InodeNumber number, uint64_t from,
                                               uint64_t to, uint64_t size) {
  const uint64_t index = from / kBlockBytes;
  const RegionIndex region(index / kRegionBlocks);
  const size_t i = index % kRegionBlocks;
  Result<std::vector<RegionSource>> sources = ErrorCode::kIo;
  {
    ReadView view(core);
    sources = FindRegions(view, number, region, region);
  }
  if (!sources) return std::move(sources).error();
  std::vector<PlacedBlock> blocks;
  if (sources->empty() || (sources->front().pieces.live() & BlockBit(i)) == 0) return blocks;

  PlacedBlock placed{index, {core.blocks.Allocate(), 0}};
  uint8_t* content = placed.block.data.get();
  auto read = ReadRegion(core, sources->front(), i * kBlockBytes, {content, kBlockBytes});
  if (!read) return std::move(read).error();
  const uint64_t begin = index * kBlockBytes;
  std::fill(content + (from - begin), content + (to - begin), uint8_t{0});
  const uint32_t in_file = BytesInFile(index, size);
  const bool to_the_end = in_file <= to - begin;
  placed.block.bytes = to_the_end ? std::max(static_cast<uint32_t>(from - begin), 1u) : in_file;
  blocks.push_back(std::move(placed));
  auto merged = MergeIfDue(core, sources->front(), size, blocks);
  if (!merged) return std::move(merged).error();
  return blocks;
}

Result<void> ZeroContent(Core& core, InodeNumber number, const InodeItem& inode, uint64_t offset,
                         uint64_t end) {
  end = std::min(end, inode.size);
  if (offset >= end) return {};
  if ((inode.flags & kInlineData) != 0) {
    const Bytes zeros(end - offset);
    return WriteLocked(core, number, offset, zeros, false);
  }
  const uint64_t first_whole = BlocksOf(offset);
  // Past the end of file everything is zero: the last block counts as whole.
  const uint64_t end_whole = end == inode.size ? BlocksOf(end) : end / kBlockBytes;
  if (offset / kBlockBytes < first_whole) {
    const uint64_t to = std::min(end, first_whole * kBlockBytes);
    if (auto zeroed = ZeroWithinBlock(core, number, offset, to, inode.size); !zeroed) return zeroed;
  }
  if (end / kBlockBytes >= first_whole && end_whole * kBlockBytes < end) {
    auto zeroed = ZeroWithinBlock(core, number, end_whole * kBlockBytes, end, inode.size);
    if (!zeroed) return zeroed;
  }
  for (uint64_t from = first_whole; from < end_whole;) {
    auto next = DropSomeBlocks(core, number, from, end_whole);
    if (!next) return std::move(next).error();
    from = *next;
  }
  return {};
}

}  // namespace chainfs::fs

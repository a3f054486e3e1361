// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/reservation.h"

#include <algorithm>
#include <vector>

#include "fs/file/block_range.h"

namespace chainfs::fs {
namespace {

struct Range {
  uint64_t from, to;  // blocks
};

Key KeyOf(InodeNumber number, uint64_t block) { return Key(number, ItemKind::kReserved, block); }

// At the range that holds `block`, or at the first one after it, or at no RESERVED item.
Result<Cursor> SeekRange(const Tree& tree, InodeNumber number, uint64_t block) {
  auto cursor = tree.SeekLast(KeyOf(number, block));
  if (cursor && cursor->IsAt(number, ItemKind::kReserved)) return cursor;
  return tree.Seek(KeyOf(number, block));
}

// The first `most` ranges that overlap [from, to), in order.
Result<std::vector<Range>> FindRanges(const Tree& tree, InodeNumber number, uint64_t from,
                                      uint64_t to, size_t most = SIZE_MAX) {
  std::vector<Range> ranges;
  auto cursor = SeekRange(tree, number, from);
  if (!cursor) return std::move(cursor).error();
  while (ranges.size() < most && cursor->IsAt(number, ItemKind::kReserved) &&
         cursor->key().offset < to) {
    const uint64_t begin = cursor->key().offset;
    if (cursor->value().size() != 8) return ErrorCode::kDamaged;
    const uint64_t count = GetBE<uint64_t>(cursor->value().data());
    if (count == 0 || count > UINT64_MAX - begin) return ErrorCode::kDamaged;
    if (begin + count > from) ranges.push_back({begin, begin + count});
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return ranges;
}

Result<uint64_t> CountLive(const Tree& tree, InodeNumber number, const Range& range) {
  uint64_t live = 0;
  auto cursor = tree.Seek(Key(number, ItemKind::kExtent, RegionOf(range.from)));
  if (!cursor) return std::move(cursor).error();
  while (cursor->IsAt(number, ItemKind::kExtent) &&
         cursor->key().offset <= RegionOf(range.to - 1)) {
    auto pieces = DecodePieces(cursor->value());
    if (!pieces) return ErrorCode::kDamaged;
    live += CountBlocks(pieces->live() & MaskWithin(cursor->key().offset, range.from, range.to));
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return live;
}

Result<uint64_t> CountHoles(const Tree& tree, InodeNumber number, const Range& range) {
  auto live = CountLive(tree, number, range);
  if (!live) return live;
  return range.to - range.from - *live;
}

void AddReserved(Change& change, InodeItem& inode, int64_t blocks) {
  if (blocks == 0) return;
  inode.reserved_blocks += static_cast<uint64_t>(blocks);
  RootCounters counters = change.counters();
  counters.reserved_bytes += static_cast<uint64_t>(blocks) * kBlockBytes;
  change.SetCounters(counters);
}

Result<void> PutRange(Change& change, InodeNumber number, const Range& range) {
  uint8_t value[8];
  PutBE(value, range.to - range.from);
  return change.Put(KeyOf(number, range.from), value);
}

}  // namespace

Result<uint64_t> EndOfStep(const Tree& tree, InodeNumber number, uint64_t from, uint64_t to) {
  auto ranges = FindRanges(tree, number, from, to, kRangesPerStep + 1);
  if (!ranges) return std::move(ranges).error();
  if (ranges->size() > kRangesPerStep) to = ranges->back().from;
  auto cursor = tree.Seek(Key(number, ItemKind::kExtent, RegionOf(from)));
  if (!cursor) return std::move(cursor).error();
  for (size_t i = 0; i < kRegionsPerStep && cursor->IsAt(number, ItemKind::kExtent); ++i) {
    if (cursor->key().offset > RegionOf(to - 1)) return to;
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  if (!cursor->IsAt(number, ItemKind::kExtent) || cursor->key().offset > RegionOf(to - 1)) {
    return to;
  }
  return std::min(to, cursor->key().offset * kRegionBlocks);
}

Result<uint64_t> CountUnreservedHoles(const Tree& tree, InodeNumber number, uint64_t from,
                                      uint64_t to) {
  auto ranges = FindRanges(tree, number, from, to);
  if (!ranges) return std::move(ranges).error();
  ranges->push_back({to, to});
  uint64_t count = 0, at = from;
  for (const Range& range : *ranges) {
    if (range.from > at) {
      auto holes = CountHoles(tree, number, {at, range.from});
      if (!holes) return holes;
      count += *holes;
    }
    at = std::max(at, range.to);
  }
  return count;
}

Result<uint64_t> CountReserved(const Tree& tree, InodeNumber number) {
  uint64_t count = 0, from = 0;
  for (;;) {
    auto ranges = FindRanges(tree, number, from, UINT64_MAX, kRangesPerStep);
    if (!ranges) return std::move(ranges).error();
    for (const Range& range : *ranges) {
      auto holes = CountHoles(tree, number, range);
      if (!holes) return holes;
      count += *holes;
      from = range.to;
    }
    if (ranges->size() < kRangesPerStep) return count;
  }
}

Result<void> ReserveBlocks(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                           uint64_t to) {
  auto fresh = CountUnreservedHoles(change.tree(), number, from, to);
  if (!fresh) return std::move(fresh).error();
  // Those that it touches become one with it, too.
  auto ranges = FindRanges(change.tree(), number, from - (from > 0 ? 1 : 0), to + 1);
  if (!ranges) return std::move(ranges).error();
  Range merged{from, to};
  for (const Range& range : *ranges) {
    merged = {std::min(merged.from, range.from), std::max(merged.to, range.to)};
    if (auto erased = change.Erase(KeyOf(number, range.from)); !erased) return erased;
  }
  inode.flags |= kHasReserved;
  AddReserved(change, inode, static_cast<int64_t>(*fresh));
  return PutRange(change, number, merged);
}

Result<bool> CutReservation(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                            uint64_t to) {
  if ((inode.flags & kHasReserved) == 0) return true;
  auto ranges = FindRanges(change.tree(), number, from, to, kRangesPerStep);
  if (!ranges) return std::move(ranges).error();
  for (const Range& range : *ranges) {
    const Range cut{std::max(from, range.from), std::min(to, range.to)};
    auto holes = CountHoles(change.tree(), number, cut);
    if (!holes) return std::move(holes).error();
    AddReserved(change, inode, -static_cast<int64_t>(*holes));
    if (auto erased = change.Erase(KeyOf(number, range.from)); !erased) {
      return std::move(erased).error();
    }
    if (range.from < cut.from) {
      auto put = PutRange(change, number, {range.from, cut.from});
      if (!put) return std::move(put).error();
    }
    if (cut.to < range.to) {
      auto put = PutRange(change, number, {cut.to, range.to});
      if (!put) return std::move(put).error();
    }
  }
  return ranges->size() < kRangesPerStep;
}

Result<void> NoteLiveness(Change& change, InodeNumber number, InodeItem& inode, RegionIndex region,
                          BlockMask before, BlockMask after) {
  if ((inode.flags & kHasReserved) == 0 || before == after) return {};
  const uint64_t begin = region.value * kRegionBlocks;
  auto ranges = FindRanges(change.tree(), number, begin, begin + kRegionBlocks);
  if (!ranges) return std::move(ranges).error();
  int64_t returned = 0;
  for (const Range& range : *ranges) {
    const BlockMask mask = MaskWithin(region.value, range.from, range.to);
    returned += static_cast<int64_t>(CountBlocks(before & mask));
    returned -= static_cast<int64_t>(CountBlocks(after & mask));
  }
  AddReserved(change, inode, returned);
  return {};
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/reservation.h"

#include <algorithm>
#include <vector>

namespace chainfs::fs {
namespace {

struct Range {
  uint64_t from, to;  // blocks
};

Key KeyOf(InodeNumber number, uint64_t block) { return Key(number, ItemKind::kReserved, block); }

// The ranges that touch [from, to), in order.
Result<std::vector<Range>> FindRanges(const Change& change, InodeNumber number, uint64_t from,
                                      uint64_t to) {
  std::vector<Range> ranges;
  // There are few: the first may begin anywhere before `from`.
  auto cursor = change.Seek(KeyOf(number, 0));
  if (!cursor) return std::move(cursor).error();
  while (cursor->IsAt(number, ItemKind::kReserved) && cursor->key().offset < to) {
    const uint64_t begin = cursor->key().offset;
    if (cursor->value().size() != 8) return ErrorCode::kDamaged;
    const uint64_t count = GetBE<uint64_t>(cursor->value().data());
    if (count == 0 || count > UINT64_MAX - begin) return ErrorCode::kDamaged;
    if (begin + count > from) ranges.push_back({begin, begin + count});
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return ranges;
}

BlockMask MaskWithin(uint64_t region, const Range& range) {
  const uint64_t begin = region * kRegionBlocks;
  BlockMask mask = 0;
  for (uint64_t i = std::max(range.from, begin); i < std::min(range.to, begin + kRegionBlocks);
       ++i) {
    mask |= BlockBit(i - begin);
  }
  return mask;
}

Result<uint64_t> CountLive(const Change& change, InodeNumber number, const Range& range) {
  uint64_t live = 0;
  auto cursor = change.Seek(Key(number, ItemKind::kExtent, range.from / kRegionBlocks));
  if (!cursor) return std::move(cursor).error();
  while (cursor->IsAt(number, ItemKind::kExtent) &&
         cursor->key().offset * kRegionBlocks < range.to) {
    auto pieces = DecodePieces(cursor->value());
    if (!pieces) return ErrorCode::kDamaged;
    live += CountBlocks(pieces->live() & MaskWithin(cursor->key().offset, range));
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return live;
}

Result<uint64_t> CountHoles(const Change& change, InodeNumber number, const Range& range) {
  auto live = CountLive(change, number, range);
  if (!live) return live;
  return range.to - range.from - *live;
}

void AddReserved(Change& change, InodeItem& inode, int64_t blocks) {
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

Result<uint64_t> CountUnreservedHoles(const Change& change, InodeNumber number, uint64_t from,
                                      uint64_t to) {
  auto ranges = FindRanges(change, number, from, to);
  if (!ranges) return std::move(ranges).error();
  ranges->push_back({to, to});
  uint64_t count = 0, at = from;
  for (const Range& range : *ranges) {
    if (range.from > at) {
      auto holes = CountHoles(change, number, {at, range.from});
      if (!holes) return holes;
      count += *holes;
    }
    at = std::max(at, range.to);
  }
  return count;
}

Result<void> ReserveBlocks(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                           uint64_t to) {
  auto fresh = CountUnreservedHoles(change, number, from, to);
  if (!fresh) return std::move(fresh).error();
  auto ranges = FindRanges(change, number, from, to);
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

Result<void> CutReservation(Change& change, InodeNumber number, InodeItem& inode, uint64_t from,
                            uint64_t to) {
  if ((inode.flags & kHasReserved) == 0) return {};
  auto ranges = FindRanges(change, number, from, to);
  if (!ranges) return std::move(ranges).error();
  for (const Range& range : *ranges) {
    const Range cut{std::max(from, range.from), std::min(to, range.to)};
    auto holes = CountHoles(change, number, cut);
    if (!holes) return std::move(holes).error();
    AddReserved(change, inode, -static_cast<int64_t>(*holes));
    if (auto erased = change.Erase(KeyOf(number, range.from)); !erased) return erased;
    if (range.from < cut.from) {
      if (auto put = PutRange(change, number, {range.from, cut.from}); !put) return put;
    }
    if (cut.to < range.to) {
      if (auto put = PutRange(change, number, {cut.to, range.to}); !put) return put;
    }
  }
  return {};
}

Result<void> NoteLiveness(Change& change, InodeNumber number, InodeItem& inode, RegionIndex region,
                          BlockMask before, BlockMask after) {
  if ((inode.flags & kHasReserved) == 0 || before == after) return {};
  const uint64_t begin = region.value * kRegionBlocks;
  auto ranges = FindRanges(change, number, begin, begin + kRegionBlocks);
  if (!ranges) return std::move(ranges).error();
  int64_t returned = 0;
  for (const Range& range : *ranges) {
    const BlockMask mask = MaskWithin(region.value, range);
    returned += static_cast<int64_t>(CountBlocks(before & mask));
    returned -= static_cast<int64_t>(CountBlocks(after & mask));
  }
  if (returned != 0) AddReserved(change, inode, returned);
  return {};
}

}  // namespace chainfs::fs

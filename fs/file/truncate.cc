// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/truncate.h"

#include <algorithm>

#include "fs/file/block_range.h"
#include "fs/file/reservation.h"
#include "fs/file/write.h"
#include "fs/file/zero.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {

Key OrphanKey(InodeNumber number) { return Key(InodeNumber(0), ItemKind::kOrphan, number.value); }

Result<InodeItem> LoadRegularFile(Core& core, InodeNumber number) {
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return inode;
  if (inode->is_directory()) return ErrorCode::kIsDirectory;
  if (!inode->is_regular()) return ErrorCode::kInvalid;
  return inode;
}

// Sets the size and the times in a Change of its own. An inline file too large for it is moved
// into a block first, by the caller.
Result<void> SetSize(Core& core, InodeNumber number, uint64_t size, bool kill_suid_sgid,
                     SpaceNeed need) {
  auto change = Change::Begin(core, need);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if ((inode->flags & kInlineData) != 0) inode->inline_data.resize(size);
  inode->size = size;
  if (kill_suid_sgid) ClearSetIdBits(*inode);
  StampModified(*inode);
  return StoreInode(*change, number, *inode);
}

// Moves inline data into a block, so that the file can grow beyond what is inline.
Result<void> LeaveInline(Core& core, InodeNumber number) {
  auto change = Change::Begin(core, SpaceNeed::kGrow, kBlockBytes);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if ((inode->flags & kInlineData) == 0) return {};
  const Bytes content = std::move(inode->inline_data);
  inode->inline_data.clear();
  inode->flags &= ~kInlineData;
  if (!content.empty()) {
    PlacedBlock placed{0, MakeBlock(core.blocks, 0, content)};
    if (auto stored = StoreBlocks(*change, number, *inode, {&placed, 1}); !stored) return stored;
  }
  return StoreInode(*change, number, *inode);
}

Result<void> CheckRange(uint64_t offset, uint64_t length) {
  if (length == 0) return ErrorCode::kInvalid;
  if (offset > kMaxFileSize || length > kMaxFileSize - offset) return ErrorCode::kFileTooBig;
  return {};
}

// The whole blocks of [offset, end) are no longer reserved.
Result<void> Unreserve(Core& core, InodeNumber number, uint64_t offset, uint64_t end) {
  auto change = Change::Begin(core, SpaceNeed::kShrink);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if ((inode->flags & kHasReserved) == 0) return {};
  const uint64_t from = (offset + kBlockBytes - 1) / kBlockBytes;
  const uint64_t to = end / kBlockBytes;
  if (from >= to) return {};
  if (auto cut = CutReservation(*change, number, *inode, from, to); !cut) return cut;
  return StoreInode(*change, number, *inode);
}

// Reserves every block that [offset, end) touches, all or none, and sets the size.
Result<void> ReserveAndGrow(Core& core, InodeNumber number, uint64_t offset, uint64_t end,
                            bool keep_size) {
  if (auto left = LeaveInline(core, number); !left) return left;
  auto change = Change::Begin(core, SpaceNeed::kGrow);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  const uint64_t reserved_before = change->counters().reserved_bytes;
  const uint64_t from = offset / kBlockBytes;
  const uint64_t to = (end + kBlockBytes - 1) / kBlockBytes;
  // Before anything is changed: the most that it can take.
  const uint64_t most = (to - from) * kBlockBytes;
  if (reserved_before + most > core.engine->space().FreeForUser()) {
    auto holes = CountUnreservedHoles(*change, number, from, to);
    if (!holes) return std::move(holes).error();
    const uint64_t needed = reserved_before + *holes * kBlockBytes;
    if (needed > core.engine->space().FreeForUser()) return ErrorCode::kNoSpace;
  }
  if (auto reserved = ReserveBlocks(*change, number, *inode, from, to); !reserved) return reserved;
  if (!keep_size) inode->size = std::max(inode->size, end);
  ClearSetIdBits(*inode);
  StampModified(*inode);
  return StoreInode(*change, number, *inode);
}

Result<void> Grow(Core& core, InodeNumber number, const InodeItem& inode, uint64_t size,
                  bool kill_suid_sgid) {
  if ((inode.flags & kInlineData) != 0 && size > kMaxInlineBytes) {
    if (auto left = LeaveInline(core, number); !left) return left;
  }
  return SetSize(core, number, size, kill_suid_sgid, SpaceNeed::kGrow);
}

// The first step of a truncation: the new size, the block that it cuts, the first extents, and an
// ORPHAN item if there are more to come. True: there are.
Result<bool> BeginShrink(Core& core, InodeNumber number, uint64_t size,
                         std::vector<PlacedBlock> cut, bool kill_suid_sgid) {
  auto change = Change::Begin(core, SpaceNeed::kShrink);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if (!cut.empty()) {
    auto stored = StoreBlocks(*change, number, *inode, cut);
    if (!stored) return std::move(stored).error();
  }
  const uint64_t end_block = (size + kBlockBytes - 1) / kBlockBytes;
  const uint64_t whole_region = (end_block + kRegionBlocks - 1) / kRegionBlocks;
  auto unreserved = CutReservation(*change, number, *inode, end_block, UINT64_MAX);
  if (!unreserved) return std::move(unreserved).error();
  if (end_block % kRegionBlocks != 0) {
    const uint64_t region = end_block / kRegionBlocks;
    auto dropped = DropBlocks(*change, number, *inode, RegionIndex(region),
                              MaskWithin(region, end_block, UINT64_MAX));
    if (!dropped) return std::move(dropped).error();
  }
  auto finished = DropExtents(*change, number, *inode, RegionIndex(whole_region), kRegionsPerStep);
  if (!finished) return finished;
  inode->size = size;
  if (kill_suid_sgid) ClearSetIdBits(*inode);
  StampModified(*inode);
  if (auto stored = StoreInode(*change, number, *inode); !stored) return std::move(stored).error();
  // An unlinked file has its ORPHAN item already, and that one removes everything.
  if (!*finished && inode->nlink > 0) {
    uint8_t target[8];
    PutBE(target, size);
    if (auto put = change->Put(OrphanKey(number), target); !put) return std::move(put).error();
  }
  return !*finished;
}

}  // namespace

Result<bool> DropExtents(Change& change, InodeNumber number, InodeItem& inode, RegionIndex from,
                         size_t max_regions) {
  auto unreserved = CutReservation(change, number, inode, from.value * kRegionBlocks, UINT64_MAX);
  if (!unreserved) return std::move(unreserved).error();
  std::vector<uint64_t> regions;
  bool more = false;
  {
    auto cursor = change.Seek(Key(number, ItemKind::kExtent, from.value));
    if (!cursor) return std::move(cursor).error();
    while (cursor->IsAt(number, ItemKind::kExtent)) {
      if (regions.size() == max_regions) {
        more = true;
        break;
      }
      regions.push_back(cursor->key().offset);
      if (auto next = cursor->Next(); !next) return std::move(next).error();
    }
  }
  for (uint64_t region : regions) {
    auto dropped = DropBlocks(change, number, inode, RegionIndex(region), ~BlockMask{0});
    if (!dropped) return std::move(dropped).error();
  }
  return !more;
}

Result<void> FinishTruncation(Core& core, InodeNumber number) {
  for (;;) {
    auto change = Change::Begin(core, SpaceNeed::kShrink);
    if (!change) return std::move(change).error();
    auto inode = LoadInode(*change, number);
    if (!inode) return std::move(inode).error();
    const RegionIndex from((inode->size + kRegionBytes - 1) / kRegionBytes);
    auto finished = DropExtents(*change, number, *inode, from, kRegionsPerStep);
    if (!finished) return std::move(finished).error();
    if (auto stored = StoreInode(*change, number, *inode); !stored) return stored;
    if (*finished) {
      auto erased = inode->nlink > 0 ? change->Erase(OrphanKey(number)) : Result<void>();
      if (!erased && erased.error().code != ErrorCode::kNotFound) return erased;
      return {};
    }
  }
}

Result<void> Truncate(Core& core, InodeNumber number, uint64_t size, bool kill_suid_sgid) {
  if (size > kMaxFileSize) return ErrorCode::kFileTooBig;
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = LoadRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  // What was reserved past the end goes even if the size stays.
  const bool trims = size == inode->size && (inode->flags & kHasReserved) != 0;
  if (size >= inode->size && !trims) return Grow(core, number, *inode, size, kill_suid_sgid);
  if ((inode->flags & kInlineData) != 0) {
    return SetSize(core, number, size, kill_suid_sgid, SpaceNeed::kShrink);
  }
  std::vector<PlacedBlock> cut;
  if (size % kBlockBytes != 0 && !trims) {
    const uint64_t block_end = std::min(inode->size, (size / kBlockBytes + 1) * kBlockBytes);
    auto prepared = PrepareZeroed(core, number, size, block_end, inode->size);
    if (!prepared) return std::move(prepared).error();
    cut = std::move(*prepared);
  }
  auto more = BeginShrink(core, number, size, std::move(cut), kill_suid_sgid);
  if (!more) return std::move(more).error();
  return *more ? FinishTruncation(core, number) : Result<void>();
}

Result<void> PunchHole(Core& core, InodeNumber number, uint64_t offset, uint64_t length) {
  if (auto range = CheckRange(offset, length); !range) return range;
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = LoadRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  if (auto cut = Unreserve(core, number, offset, offset + length); !cut) return cut;
  if (auto zeroed = ZeroContent(core, number, *inode, offset, offset + length); !zeroed) {
    return zeroed;
  }
  return SetSize(core, number, inode->size, true, SpaceNeed::kShrink);
}

Result<void> ZeroRange(Core& core, InodeNumber number, uint64_t offset, uint64_t length,
                       bool keep_size) {
  if (auto range = CheckRange(offset, length); !range) return range;
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = LoadRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  const uint64_t end = offset + length;
  if (auto cut = Unreserve(core, number, offset, end); !cut) return cut;
  if (auto zeroed = ZeroContent(core, number, *inode, offset, end); !zeroed) return zeroed;
  return ReserveAndGrow(core, number, offset, end, keep_size);
}

Result<void> Allocate(Core& core, InodeNumber number, uint64_t offset, uint64_t length,
                      bool keep_size) {
  if (auto range = CheckRange(offset, length); !range) return range;
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = LoadRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  return ReserveAndGrow(core, number, offset, offset + length, keep_size);
}

}  // namespace chainfs::fs

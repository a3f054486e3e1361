// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/allocate.h"

#include <algorithm>

#include "fs/file/block_range.h"
#include "fs/file/reservation.h"
#include "fs/file/write.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {

Result<uint64_t> CountInSteps(Core& core, InodeNumber number, uint64_t from, uint64_t to) {
  uint64_t holes = 0;
  while (from < to) {
    ReadView view(core);
    auto end = EndOfStep(view.tree(), number, from, to);
    if (!end) return end;
    auto some = CountUnreservedHoles(view.tree(), number, from, *end);
    if (!some) return some;
    holes += *some;
    from = *end;
  }
  return holes;
}

}  // namespace

Result<void> ReserveAndGrow(Core& core, InodeNumber number, uint64_t offset, uint64_t end,
                            bool keep_size) {
  const uint64_t from = offset / kBlockBytes, to = BlocksOf(end);
  auto needed = CountInSteps(core, number, from, to);
  if (!needed) return std::move(needed).error();
  // New promises are made of what is neither promised nor about to be written.
  if (core.engine && *needed * kBlockBytes > core.engine->FreeForUser()) return ErrorCode::kNoSpace;
  if (auto left = LeaveInline(core, number); !left) return left;
  for (uint64_t at = from; at < to;) {
    auto change = Change::Begin(core, SpaceNeed::kGrow);
    if (!change) return std::move(change).error();
    auto inode = LoadInode(*change, number);
    if (!inode) return std::move(inode).error();
    auto step = EndOfStep(change->tree(), number, at, to);
    if (!step) return std::move(step).error();
    if (auto done = ReserveBlocks(*change, number, *inode, at, *step); !done) return done;
    at = *step;
    if (at == to && !keep_size) inode->size = std::max(inode->size, end);
    ClearSetIdBits(*inode);
    StampModified(core, *inode);
    if (auto stored = StoreInode(*change, number, *inode); !stored) return stored;
  }
  return {};
}

Result<void> Unreserve(Core& core, InodeNumber number, uint64_t offset, uint64_t end) {
  const uint64_t from = BlocksOf(offset), to = end / kBlockBytes;
  for (bool all = from >= to; !all;) {
    auto change = Change::Begin(core, SpaceNeed::kShrink);
    if (!change) return std::move(change).error();
    auto inode = LoadInode(*change, number);
    if (!inode) return std::move(inode).error();
    if ((inode->flags & kHasReserved) == 0) return {};
    auto cut = CutReservation(*change, number, *inode, from, to);
    if (auto stored = StoreInode(*change, number, *inode); !stored) return stored;
    if (!cut) return std::move(cut).error();
    all = *cut;
  }
  return {};
}

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

}  // namespace chainfs::fs

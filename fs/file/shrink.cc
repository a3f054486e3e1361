// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/shrink.h"

#include "fs/file/block_range.h"
#include "fs/file/reservation.h"
#include "fs/file/write.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {

struct SomeRegions {
  std::vector<uint64_t> regions;
  bool more = false;
};

// The first `most` regions from that of `from_block` on.
Result<SomeRegions> FindSomeRegions(const Tree& tree, InodeNumber number, uint64_t from_block,
                                    size_t most) {
  SomeRegions found;
  auto cursor = tree.Seek(Key(number, ItemKind::kExtent, RegionOf(from_block)));
  if (!cursor) return std::move(cursor).error();
  while (cursor->IsAt(number, ItemKind::kExtent)) {
    if (found.regions.size() == most) {
      found.more = true;
      break;
    }
    found.regions.push_back(cursor->key().offset);
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return found;
}

// Has what the next step will need read from the disk before anybody has to wait for it.
void Warm(Core& core, InodeNumber number, uint64_t size) {
  ReadView view(core);
  (void)FindSomeRegions(view.tree(), number, BlocksOf(size), kRegionsPerStep);
}

}  // namespace

Result<bool> DropExtents(Change& change, InodeNumber number, InodeItem& inode, uint64_t from_block,
                         size_t max_regions) {
  auto found = FindSomeRegions(change.tree(), number, from_block, max_regions);
  if (!found) return std::move(found).error();
  for (const uint64_t region : found->regions) {
    const bool whole = region > RegionOf(from_block);
    const BlockMask mask = whole ? ~BlockMask{0} : MaskWithin(region, from_block, UINT64_MAX);
    if (auto dropped = DropBlocks(change, number, inode, RegionIndex(region), mask); !dropped) {
      return std::move(dropped).error();
    }
  }
  if (found->more) return false;
  return CutReservation(change, number, inode, from_block, UINT64_MAX);
}

Result<bool> BeginTruncation(Core& core, InodeNumber number, uint64_t size,
                             std::vector<PlacedBlock> cut, bool kill_suid_sgid) {
  Warm(core, number, size);
  auto change = Change::Begin(core, SpaceNeed::kShrink);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if (!cut.empty()) {
    auto stored = StoreBlocks(*change, number, *inode, cut);
    if (!stored) return std::move(stored).error();
  }
  inode->size = size;
  if (kill_suid_sgid) ClearSetIdBits(*inode);
  StampModified(core, *inode);
  auto finished = DropExtents(*change, number, *inode, BlocksOf(size), kRegionsPerStep);
  const bool more = !finished || !*finished;
  if (more) inode->flags |= kShrinking;
  if (auto stored = StoreInode(*change, number, *inode); !stored) return std::move(stored).error();
  // An unlinked file has its ORPHAN item already, and that one removes everything.
  if (more && inode->nlink > 0) {
    if (auto put = PutTruncationMark(*change, number, size); !put) return std::move(put).error();
  }
  return finished;
}

Result<bool> ContinueTruncation(Core& core, InodeNumber number) {
  uint64_t size = 0;
  {
    ReadView view(core);
    auto inode = LoadInode(view, number);
    if (!inode) return std::move(inode).error();
    size = inode->size;
  }
  Warm(core, number, size);
  auto change = Change::Begin(core, SpaceNeed::kShrink);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  const bool marked = (inode->flags & kShrinking) != 0;
  Result<bool> finished = true;
  if (marked) {
    finished = DropExtents(*change, number, *inode, BlocksOf(size), kRegionsPerStep);
    if (finished && *finished) inode->flags &= ~kShrinking;
    if (auto stored = StoreInode(*change, number, *inode); !stored) {
      return std::move(stored).error();
    }
  }
  if (finished && *finished && inode->nlink > 0) {
    auto erased = change->Erase(OrphanKey(number));
    if (!erased && erased.error().code != ErrorCode::kNotFound) return std::move(erased).error();
  }
  return finished;
}

Result<void> PutTruncationMark(Change& change, InodeNumber number, uint64_t size) {
  uint8_t target[8];
  PutBE(target, size);
  return change.Put(OrphanKey(number), target);
}

Result<void> FinishTruncation(Core& core, InodeNumber number) {
  for (;;) {
    auto finished = ContinueTruncation(core, number);
    if (!finished) return std::move(finished).error();
    if (*finished) return {};
  }
}

}  // namespace chainfs::fs

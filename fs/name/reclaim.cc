// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/reclaim.h"

#include "fs/clock.h"
#include "fs/file/shrink.h"
#include "fs/name/planned.h"
#include "fs/name/symlink_target.h"
#include "fs/name/xattr_store.h"

namespace chainfs::fs {
namespace {

constexpr size_t kXattrItemsPerStep = 512;
// An inode with at most so many regions goes in the change that removes its last name.
constexpr uint64_t kFewRegions = 8;

bool IsSmall(const InodeItem& inode) {
  return !inode.is_regular() || inode.size <= kFewRegions * kRegionBytes;
}

}  // namespace

Result<void> EraseOrphan(Change& change, InodeNumber inode) {
  auto erased = change.Erase(OrphanKey(inode));
  if (!erased && erased.error().code != ErrorCode::kNotFound) return erased;
  return {};
}

Result<void> WarmReclaim(const Tree& tree, InodeNumber number) {
  auto cursor = tree.Seek(Key(number, ItemKind::kInode, 0));
  if (!cursor) return std::move(cursor).error();
  // Whatever the inode has lies behind its INODE item.
  for (size_t i = 0; i < kRegionsPerReclaimStep + 2; ++i) {
    if (!cursor->valid() || cursor->key().inode != number.value) break;
    if (auto next = cursor->Next(); !next) return next;
  }
  return Warm(tree, {OrphanKey(number)});
}

Result<bool> ReclaimInode(Change& change, InodeNumber number, InodeItem& inode) {
  if ((inode.flags & kHasXattrs) != 0) {
    auto erased = EraseAllXattrs(change, number, kXattrItemsPerStep);
    if (!erased || !*erased) return erased;
    inode.flags &= ~kHasXattrs;
  }
  const bool is_inline = (inode.flags & (kInlineData | kHasReserved)) == kInlineData;
  if (inode.is_regular() && !is_inline) {
    auto dropped = DropExtents(change, number, inode, 0, kRegionsPerReclaimStep);
    if (!dropped || !*dropped) return dropped;
  }
  if (inode.is_symlink()) {
    if (auto erased = EraseTargetTail(change, number, inode); !erased) {
      return std::move(erased).error();
    }
  }
  if (auto erased = EraseOrphan(change, number); !erased) return std::move(erased).error();
  if (auto erased = change.Erase(Key(number, ItemKind::kInode, 0)); !erased) {
    return std::move(erased).error();
  }
  RootCounters counters = change.counters();
  --counters.inodes;
  change.SetCounters(counters);
  change.Touch(number);
  return true;
}

Result<void> WarmDropLink(const Tree& tree, InodeNumber number, const InodeItem& inode) {
  if (inode.nlink > 1 && !inode.is_directory()) return {};
  if (!IsSmall(inode)) return Warm(tree, {OrphanKey(number)});
  return WarmReclaim(tree, number);
}

Result<Unlinked> DropLink(Core& core, Change& change, InodeNumber number, InodeItem& inode) {
  inode.nlink = inode.is_directory() || inode.nlink == 0 ? 0 : inode.nlink - 1;
  inode.ctime = Now();
  bool held = false;
  if (inode.nlink == 0) {
    held = core.lookups.MarkOrphan(number);
    if (!held && IsSmall(inode)) {
      auto gone = ReclaimInode(change, number, inode);
      // What is damaged below does not keep the name from going: the inode stays an orphan.
      if (gone && *gone) return Unlinked::kGone;
    }
    if (auto put = change.Put(OrphanKey(number), {}); !put) return std::move(put).error();
  }
  if (auto stored = StoreInode(change, number, inode); !stored) return std::move(stored).error();
  if (inode.nlink > 0) return Unlinked::kNamed;
  return held ? Unlinked::kHeld : Unlinked::kLeftToReclaim;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/link.h"

#include "fs/clock.h"
#include "fs/file/shrink.h"
#include "fs/name/dentry.h"
#include "fs/name/directory.h"
#include "fs/name/name_rules.h"
#include "fs/name/orphans.h"
#include "fs/name/planned.h"
#include "fs/name/reclaim.h"

namespace chainfs::fs {
namespace {

constexpr uint32_t kTypeMask = 0170000;

struct LinkPlan {
  InodeItem parent, inode;
  EntryName name;
};

Result<LinkPlan> PlanLink(const Core& core, InodeNumber number, InodeNumber parent_number,
                          std::string_view name) {
  auto parent = LoadDirectory(core.tree, parent_number);
  if (!parent) return std::move(parent).error();
  if (IsDotOrDotDot(name)) return ErrorCode::kExists;
  if (parent->nlink == 0) return ErrorCode::kNotFound;
  const EntryName entry = NameIn(core, parent_number, name);
  if (auto vacant = CheckVacant(core.tree, entry, parent->next_entry_sequence); !vacant) {
    return std::move(vacant).error();
  }
  auto inode = LoadInode(core.tree, number);
  if (!inode) return std::move(inode).error();
  if (inode->is_directory()) return ErrorCode::kNotPermitted;
  if (inode->nlink == kMaxLinks) return ErrorCode::kTooManyLinks;
  if (inode->nlink == 0) {
    if (!core.lookups.IsHeld(number)) return ErrorCode::kNotFound;
    if (auto warm = Warm(core.tree, {OrphanKey(number)}); !warm) return std::move(warm).error();
  }
  return LinkPlan{std::move(*parent), std::move(*inode), entry};
}

// An inode gets a name again. Nobody is to remove it any more, but whoever was cutting it off may
// not live to finish that.
Result<void> DropRemovalMark(Change& change, InodeNumber number, const InodeItem& inode) {
  if ((inode.flags & kShrinking) != 0) return PutTruncationMark(change, number, inode.size);
  return EraseOrphan(change, number);
}

struct RemovalPlan {
  InodeItem parent, target;
  EntryName name;
  Entry entry;
};

enum class Removes { kDirectory, kOther };

Result<RemovalPlan> PlanRemoval(const Core& core, InodeNumber parent_number, std::string_view name,
                                Removes removes) {
  auto parent = LoadDirectory(core.tree, parent_number);
  if (!parent) return std::move(parent).error();
  const EntryName entry_name = NameIn(core, parent_number, name);
  auto entry = FindEntryToChange(core.tree, entry_name);
  if (!entry) return std::move(entry).error();
  auto target = LoadNamed(core.tree, entry->target.inode);
  if (!target) return std::move(target).error();
  if (removes == Removes::kOther) {
    if (target->is_directory()) return ErrorCode::kIsDirectory;
  } else {
    if (!target->is_directory()) return ErrorCode::kNotDirectory;
    auto empty = IsEmptyDirectory(core.tree, entry->target.inode);
    if (!empty) return std::move(empty).error();
    if (!*empty) return ErrorCode::kNotEmpty;
  }
  if (auto warm = WarmDropLink(core.tree, entry->target.inode, *target); !warm) {
    return std::move(warm).error();
  }
  return RemovalPlan{std::move(*parent), std::move(*target), entry_name, *entry};
}

Result<void> Remove(Core& core, OrphanReclaimer& orphans, InodeNumber parent, std::string_view name,
                    Removes removes) {
  auto begun = BeginPlanned(core, SpaceNeed::kShrink,
                            [&] { return PlanRemoval(core, parent, name, removes); });
  if (!begun) return std::move(begun).error();
  auto& [change, plan] = *begun;
  if (auto erased = EraseEntry(change, plan.name, plan.entry); !erased) return erased;
  StampEntryChange(plan.parent, -1);
  if (removes == Removes::kDirectory) --plan.parent.nlink;
  if (auto stored = StoreInode(change, parent, plan.parent); !stored) return stored;
  const InodeNumber number = plan.entry.target.inode;
  auto unlinked = DropLink(core, change, number, plan.target);
  if (!unlinked) return std::move(unlinked).error();
  if (*unlinked == Unlinked::kLeftToReclaim) orphans.Enqueue(number);
  return {};
}

}  // namespace

Result<Attributes> Link(Core& core, InodeNumber number, InodeNumber parent, std::string_view name) {
  if (auto sound = CheckName(name); !sound) return std::move(sound).error();
  // A truncation under way looks at the link count to know whom the ORPHAN item belongs to.
  auto lock = core.inode_locks.Exclusive(number);
  auto begun =
      BeginPlanned(core, SpaceNeed::kGrow, [&] { return PlanLink(core, number, parent, name); });
  if (!begun) return std::move(begun).error();
  auto& [change, plan] = *begun;
  const Entry entry{{number, plan.inode.mode & kTypeMask}, plan.parent.next_entry_sequence++};
  if (auto inserted = InsertEntry(change, plan.name, entry); !inserted) {
    return std::move(inserted).error();
  }
  StampEntryChange(plan.parent, 1);
  if (auto stored = StoreInode(change, parent, plan.parent); !stored) {
    return std::move(stored).error();
  }
  if (plan.inode.nlink++ == 0) {
    auto dropped = DropRemovalMark(change, number, plan.inode);
    if (!dropped) return std::move(dropped).error();
    core.lookups.UnmarkOrphan(number);
  }
  plan.inode.ctime = Now();
  if (auto stored = StoreInode(change, number, plan.inode); !stored) {
    return std::move(stored).error();
  }
  core.lookups.Retain(number);
  return AttributesOf(number, plan.inode);
}

Result<void> Unlink(Core& core, OrphanReclaimer& orphans, InodeNumber parent,
                    std::string_view name) {
  if (auto sound = CheckName(name); !sound) return sound;
  if (IsDotOrDotDot(name)) return ErrorCode::kIsDirectory;
  return Remove(core, orphans, parent, name, Removes::kOther);
}

Result<void> RemoveDirectory(Core& core, OrphanReclaimer& orphans, InodeNumber parent,
                             std::string_view name) {
  if (auto sound = CheckName(name); !sound) return sound;
  if (IsDot(name)) return ErrorCode::kInvalid;
  if (IsDotDot(name)) return ErrorCode::kNotEmpty;
  return Remove(core, orphans, parent, name, Removes::kDirectory);
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/lookup.h"

#include "fs/access_time.h"
#include "fs/name/dentry.h"
#include "fs/name/directory.h"
#include "fs/name/name_rules.h"
#include "fs/name/orphans.h"
#include "fs/name/symlink_target.h"

namespace chainfs::fs {
namespace {

// Who asks by number may ask for one that has no name any more: if nobody holds it, it may be half
// reclaimed.
Result<Attributes> LookupByNumber(Core& core, const Tree& tree, InodeNumber number) {
  auto inode = LoadInode(tree, number);
  if (!inode) return std::move(inode).error();
  if (inode->nlink == 0 && !core.lookups.IsHeld(number)) return ErrorCode::kStale;
  core.lookups.Retain(number);
  return AttributesOf(number, *inode);
}

}  // namespace

Result<Attributes> Lookup(Core& core, InodeNumber parent, std::string_view name) {
  if (auto sound = CheckName(name); !sound) return std::move(sound).error();
  ReadView view(core);
  const Tree& tree = view.tree();
  if (IsDot(name)) return LookupByNumber(core, tree, parent);
  auto directory = LoadDirectory(tree, parent);
  if (!directory) return std::move(directory).error();
  if (IsDotDot(name)) return LookupByNumber(core, tree, directory->parent);
  auto entry = FindEntry(tree, NameIn(core, parent, name));
  if (!entry) return std::move(entry).error();
  const InodeNumber number = entry->target.inode;
  auto inode = LoadNamed(tree, number);
  if (!inode) return std::move(inode).error();
  core.lookups.Retain(number);
  return AttributesOf(number, *inode);
}

void Forget(Core& core, OrphanReclaimer& orphans, InodeNumber inode, uint64_t count) {
  if (core.lookups.Release(inode, count) == LookupCounts::Released::kLastOfOrphan) {
    orphans.Enqueue(inode);
  }
}

Result<std::string> ReadLink(Core& core, InodeNumber number) {
  Result<std::string> target = ErrorCode::kInvalid;
  bool access_time_is_due = false;
  {
    ReadView view(core);
    auto inode = LoadInode(view, number);
    if (!inode) return std::move(inode).error();
    if (!inode->is_symlink()) return ErrorCode::kInvalid;
    target = LoadTarget(view.tree(), number, *inode);
    access_time_is_due = AccessTimeIsDue(core, *inode);
  }
  if (target && access_time_is_due) RecordAccess(core, number);
  return target;
}

}  // namespace chainfs::fs

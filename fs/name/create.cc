// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/create.h"

#include "fs/clock.h"
#include "fs/name/dentry.h"
#include "fs/name/directory.h"
#include "fs/name/name_rules.h"
#include "fs/name/new_inode.h"
#include "fs/name/planned.h"
#include "fs/name/reclaim.h"
#include "fs/name/symlink_target.h"

namespace chainfs::fs {
namespace {

constexpr uint32_t kTypeMask = 0170000;
constexpr uint32_t kTypeRegular = 0100000, kTypeDirectory = 0040000, kTypeSymlink = 0120000;

struct CreatePlan {
  InodeItem parent;
  EntryName name;
  PlannedInode child;
};

Result<CreatePlan> PlanCreate(const Core& core, InodeNumber parent_number, std::string_view name,
                              const NewInode& parameters, uint32_t type) {
  auto parent = LoadDirectory(core.tree, parent_number);
  if (!parent) return std::move(parent).error();
  if (IsDotOrDotDot(name)) return ErrorCode::kExists;
  if (parent->nlink == 0) return ErrorCode::kNotFound;
  const EntryName entry = NameIn(core, parent_number, name);
  if (auto vacant = CheckVacant(core.tree, entry, parent->next_entry_sequence); !vacant) {
    return std::move(vacant).error();
  }
  if (type == kTypeDirectory && parent->nlink == kMaxLinks) return ErrorCode::kTooManyLinks;
  auto child = PlanInode(core, parent_number, *parent, parameters, type);
  if (!child) return std::move(child).error();
  return CreatePlan{std::move(*parent), entry, std::move(*child)};
}

Result<Attributes> Create(Core& core, InodeNumber parent_number, std::string_view name,
                          const NewInode& parameters, uint32_t type,
                          std::string_view symlink_target = {}) {
  if (auto sound = CheckName(name); !sound) return std::move(sound).error();
  auto begun = BeginPlanned(core, SpaceNeed::kGrow, [&] {
    return PlanCreate(core, parent_number, name, parameters, type);
  });
  if (!begun) return std::move(begun).error();
  auto& [change, plan] = *begun;
  const InodeNumber number = plan.child.number;

  if (type == kTypeSymlink) {
    if (auto stored = StoreTarget(change, number, plan.child.item, symlink_target); !stored) {
      return std::move(stored).error();
    }
  }
  if (auto stored = StoreNewInode(core, change, plan.child); !stored) {
    return std::move(stored).error();
  }
  const Entry entry{{number, type}, plan.parent.next_entry_sequence++};
  if (auto inserted = InsertEntry(change, plan.name, entry); !inserted) {
    return std::move(inserted).error();
  }
  StampEntryChange(plan.parent, 1);
  if (type == kTypeDirectory) ++plan.parent.nlink;
  if (auto stored = StoreInode(change, parent_number, plan.parent); !stored) {
    return std::move(stored).error();
  }
  core.lookups.Retain(number);
  return AttributesOf(number, plan.child.item);
}

}  // namespace

Result<Attributes> MakeNode(Core& core, InodeNumber parent, std::string_view name,
                            const NewInode& inode) {
  const uint32_t type = (inode.mode & kTypeMask) != 0 ? inode.mode & kTypeMask : kTypeRegular;
  switch (type) {
    case 0010000:
    case 0020000:
    case 0060000:
    case 0100000:
    case 0140000:
      return Create(core, parent, name, inode, type);
    case kTypeDirectory:
      return ErrorCode::kNotPermitted;
    default:
      return ErrorCode::kInvalid;
  }
}

Result<Attributes> MakeDirectory(Core& core, InodeNumber parent, std::string_view name,
                                 const NewInode& inode) {
  return Create(core, parent, name, inode, kTypeDirectory);
}

Result<Attributes> MakeSymlink(Core& core, InodeNumber parent, std::string_view name,
                               std::string_view target, const NewInode& inode) {
  if (target.empty()) return ErrorCode::kNotFound;
  if (target.size() > kMaxTargetBytes) return ErrorCode::kNameTooLong;
  NewInode parameters = inode;
  parameters.mode = 0777;
  return Create(core, parent, name, parameters, kTypeSymlink, target);
}

Result<Attributes> CreateTemporary(Core& core, InodeNumber parent_number, const NewInode& inode) {
  auto begun = BeginPlanned(core, SpaceNeed::kGrow, [&]() -> Result<PlannedInode> {
    auto parent = LoadLiveDirectory(core.tree, parent_number);
    if (!parent) return std::move(parent).error();
    auto planned = PlanInode(core, parent_number, *parent, inode, kTypeRegular);
    if (!planned) return planned;
    if (auto warm = Warm(core.tree, {OrphanKey(planned->number)}); !warm) {
      return std::move(warm).error();
    }
    planned->item.nlink = 0;
    return planned;
  });
  if (!begun) return std::move(begun).error();
  auto& [change, planned] = *begun;
  if (auto stored = StoreNewInode(core, change, planned); !stored) {
    return std::move(stored).error();
  }
  if (auto put = change.Put(OrphanKey(planned.number), {}); !put) return std::move(put).error();
  core.lookups.Retain(planned.number);
  core.lookups.MarkOrphan(planned.number);
  return AttributesOf(planned.number, planned.item);
}

Result<void> MakeRootDirectory(Change& change, uint32_t uid, uint32_t gid) {
  InodeItem root;
  root.mode = kTypeDirectory | 0755;
  root.uid = uid;
  root.gid = gid;
  root.nlink = 2;
  root.generation = 1;
  root.parent = kRootInode;
  root.atime = root.mtime = root.ctime = root.btime = Now();
  RootCounters counters = change.counters();
  ++counters.inodes;
  change.SetCounters(counters);
  return StoreInode(change, kRootInode, root);
}

}  // namespace chainfs::fs

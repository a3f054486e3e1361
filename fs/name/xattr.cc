// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/xattr.h"

#include "fs/clock.h"
#include "fs/inode_access.h"
#include "fs/name/acl.h"
#include "fs/name/planned.h"
#include "fs/name/xattr_rules.h"
#include "fs/name/xattr_store.h"

namespace chainfs::fs {
namespace {

struct XattrPlan {
  InodeItem inode;
  bool exists = false;
};

Result<XattrPlan> PlanXattr(const Core& core, InodeNumber number, std::string_view name) {
  auto inode = LoadInode(core.tree, number);
  if (!inode) return std::move(inode).error();
  if (auto may = CheckXattrTarget(*inode, name, XattrAccess::kWrite); !may) {
    return std::move(may).error();
  }
  auto found = FindXattr(core, number, name);
  if (!found && found.error().code != ErrorCode::kNoAttribute) return std::move(found).error();
  return XattrPlan{std::move(*inode), found.has_value()};
}

// Whether the list of names has room for one more.
Result<void> CheckListRoom(const Core& core, InodeNumber number, std::string_view name) {
  size_t bytes = name.size() + 1;
  auto listed = ForEachXattrOf(core.tree, number,
                               [&](const XattrEntry& entry) { bytes += entry.name.size() + 1; });
  if (!listed) return listed;
  return bytes <= kMaxXattrListBytes ? Result<void>() : ErrorCode::kNoSpace;
}

Result<XattrPlan> PlanSet(const Core& core, InodeNumber number, std::string_view name,
                          XattrMode mode) {
  auto plan = PlanXattr(core, number, name);
  if (!plan) return plan;
  if (plan->exists && mode == XattrMode::kCreate) return ErrorCode::kExists;
  if (!plan->exists && mode == XattrMode::kReplace) return ErrorCode::kNoAttribute;
  if (!plan->exists && (plan->inode.flags & kHasXattrs) != 0) {
    if (auto room = CheckListRoom(core, number, name); !room) return std::move(room).error();
  }
  return plan;
}

Result<XattrPlan> PlanRemove(const Core& core, InodeNumber number, std::string_view name) {
  auto plan = PlanXattr(core, number, name);
  if (plan && !plan->exists) return ErrorCode::kNoAttribute;
  return plan;
}

uint32_t FlagOf(std::string_view name) {
  if (name == kAccessAclName) return kHasAccessAcl;
  if (name == kDefaultAclName) return kHasDefaultAcl;
  return 0;
}

// Clears what the inode's flags say of an attribute that has been erased.
Result<void> ForgetXattr(const Core& core, InodeNumber number, std::string_view name,
                         InodeItem& inode) {
  inode.flags &= ~FlagOf(name);
  auto cursor = core.tree.Seek(Key(number, ItemKind::kXattr, 0));
  if (!cursor) return std::move(cursor).error();
  if (!cursor->IsAt(number, ItemKind::kXattr)) inode.flags &= ~kHasXattrs;
  return {};
}

// `keeps`: false for a list that says nothing (more than the mode does).
Result<void> Set(Core& core, InodeNumber number, std::string_view name, ByteView value,
                 XattrMode mode, bool keeps, const Acl* access_acl) {
  auto begun = BeginPlanned(
      core, SpaceNeed::kGrow, [&] { return PlanSet(core, number, name, mode); }, value.size());
  if (!begun) return std::move(begun).error();
  auto& [change, plan] = *begun;
  if (keeps) {
    if (auto stored = StoreXattr(core, change, number, name, value); !stored) return stored;
    plan.inode.flags |= kHasXattrs | FlagOf(name);
  } else if (plan.exists) {
    if (auto erased = EraseXattr(core, change, number, name); !erased) return erased;
    if (auto forgotten = ForgetXattr(core, number, name, plan.inode); !forgotten) return forgotten;
  }
  if (access_acl != nullptr) plan.inode.mode = ModeWithAcl(plan.inode.mode, *access_acl);
  plan.inode.ctime = Now();
  return StoreInode(change, number, plan.inode);
}

Result<void> SetAcl(Core& core, InodeNumber number, std::string_view name, ByteView value,
                    XattrMode mode) {
  bool unknown_version;
  const auto acl = DecodeAcl(value, &unknown_version);
  if (!acl) return unknown_version ? ErrorCode::kUnsupported : ErrorCode::kInvalid;
  if (name == kAccessAclName) {
    return Set(core, number, name, value, mode, !IsMinimalAcl(*acl), &*acl);
  }
  {
    ReadView view(core);
    auto inode = LoadInode(view, number);
    if (!inode) return std::move(inode).error();
    if (!inode->is_directory() && !inode->is_symlink() && !acl->empty()) {
      return ErrorCode::kAccessDenied;
    }
  }
  return Set(core, number, name, value, mode, !acl->empty(), nullptr);
}

}  // namespace

Result<std::string> GetXattr(Core& core, InodeNumber number, std::string_view name) {
  if (auto sound = CheckXattrName(name); !sound) return std::move(sound).error();
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return std::move(inode).error();
  if (auto may = CheckXattrTarget(*inode, name, XattrAccess::kRead); !may) {
    return std::move(may).error();
  }
  if ((inode->flags & kHasXattrs) == 0) return ErrorCode::kNoAttribute;
  auto value = ReadXattr(core, number, name);
  if (!value) return std::move(value).error();
  return std::string(value->begin(), value->end());
}

Result<void> SetXattr(Core& core, InodeNumber number, std::string_view name, std::string_view value,
                      XattrMode mode) {
  if (auto sound = CheckXattrName(name); !sound) return sound;
  if (value.size() > kMaxXattrBytes) return ErrorCode::kAttributeTooBig;
  if (FlagOf(name) != 0) return SetAcl(core, number, name, AsBytes(value), mode);
  return Set(core, number, name, AsBytes(value), mode, true, nullptr);
}

Result<std::vector<std::string>> ListXattrs(Core& core, InodeNumber number) {
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return std::move(inode).error();
  std::vector<std::string> names;
  if ((inode->flags & kHasXattrs) == 0) return names;
  auto listed = ForEachXattrOf(view.tree(), number,
                               [&](const XattrEntry& entry) { names.emplace_back(entry.name); });
  if (!listed) return std::move(listed).error();
  return names;
}

Result<void> RemoveXattr(Core& core, InodeNumber number, std::string_view name) {
  if (auto sound = CheckXattrName(name); !sound) return sound;
  auto begun =
      BeginPlanned(core, SpaceNeed::kShrink, [&] { return PlanRemove(core, number, name); });
  if (!begun) return std::move(begun).error();
  auto& [change, plan] = *begun;
  if (auto erased = EraseXattr(core, change, number, name); !erased) return erased;
  if (auto forgotten = ForgetXattr(core, number, name, plan.inode); !forgotten) return forgotten;
  plan.inode.ctime = Now();
  return StoreInode(change, number, plan.inode);
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/attributes.h"

#include "fs/clock.h"
#include "fs/file/truncate.h"
#include "fs/file/write.h"
#include "fs/inode_access.h"
#include "fs/name/acl.h"
#include "fs/name/planned.h"
#include "fs/name/xattr_rules.h"
#include "fs/name/xattr_store.h"

namespace chainfs::fs {
namespace {

constexpr uint32_t kPermissionBits = 07777;

struct AttributePlan {
  InodeItem inode;
  Acl access_acl;  // to be changed along with the mode; empty: none
  bool drops_capability = false;
};

// But for the size, which is set apart from the rest.
bool SetsNothing(const AttributeChange& change) {
  return !change.mode && !change.uid && !change.gid && !change.atime && !change.mtime &&
         !change.ctime;
}

bool SaysNothing(const AttributeChange& change) {
  return SetsNothing(change) && !change.kill_suid_sgid;
}

// Whether privileges that were given to the old content or by the old owner must go.
bool DropsPrivileges(const InodeItem& inode, const AttributeChange& change) {
  return !inode.is_directory() && (change.uid || change.gid || change.kill_suid_sgid);
}

Result<AttributePlan> PlanAttributes(const Core& core, InodeNumber number,
                                     const AttributeChange& change) {
  auto inode = LoadInode(core.tree, number);
  if (!inode) return std::move(inode).error();
  AttributePlan plan;
  const bool has_xattrs = (inode->flags & kHasXattrs) != 0;
  if (change.mode && (inode->flags & kHasAccessAcl) != 0) {
    auto value = ReadXattr(core, number, kAccessAclName);
    if (!value) return std::move(value).error();
    bool unknown_version;
    auto acl = DecodeAcl(*value, &unknown_version);
    if (!acl) return ErrorCode::kDamaged;
    plan.access_acl = std::move(*acl);
  }
  if (has_xattrs && (change.size || DropsPrivileges(*inode, change))) {
    auto capability = FindXattr(core, number, kCapabilityName);
    plan.drops_capability = capability.has_value();
    if (!capability && capability.error().code != ErrorCode::kNoAttribute) {
      return std::move(capability).error();
    }
  }
  plan.inode = std::move(*inode);
  return plan;
}

void Apply(InodeItem& inode, const AttributeChange& change, bool caller_keeps_times) {
  if (change.uid) inode.uid = *change.uid;
  if (change.gid) inode.gid = *change.gid;
  if (change.mode) {
    inode.mode = (inode.mode & ~kPermissionBits) | (*change.mode & kPermissionBits);
  } else if (DropsPrivileges(inode, change)) {
    ClearSetIdBits(inode);
  }
  if (change.atime) inode.atime = *change.atime;
  if (change.mtime) inode.mtime = *change.mtime;
  if (change.ctime) {
    inode.ctime = *change.ctime;
  } else if (!caller_keeps_times || !inode.is_regular() || !SetsNothing(change)) {
    inode.ctime = Now();
  }
}

}  // namespace

Result<Attributes> GetAttributes(Core& core, InodeNumber number) {
  ReadView view(core);
  auto item = view.Find(Key(number, ItemKind::kInode, 0));
  if (!item) {
    if (item.error().code == ErrorCode::kNotFound) return ErrorCode::kStale;
    return std::move(item).error();
  }
  auto inode = DecodeInodeHead(item->value);
  if (!inode) return ErrorCode::kDamaged;
  return AttributesOf(number, *inode);
}

Result<Attributes> SetAttributes(Core& core, InodeNumber number, const AttributeChange& change) {
  if (change.size) {
    auto truncated = Truncate(core, number, *change.size, change.kill_suid_sgid);
    if (!truncated) return std::move(truncated).error();
  }
  if (!change.size && SaysNothing(change)) return GetAttributes(core, number);
  auto begun =
      BeginPlanned(core, SpaceNeed::kShrink, [&] { return PlanAttributes(core, number, change); });
  if (!begun) return std::move(begun).error();
  auto& [begun_change, plan] = *begun;
  if (SaysNothing(change) && !plan.drops_capability) return AttributesOf(number, plan.inode);

  Apply(plan.inode, change, core.options.caller_keeps_times);
  if (plan.drops_capability) {
    auto erased = EraseXattr(core, begun_change, number, kCapabilityName);
    if (!erased) return std::move(erased).error();
  }
  if (!plan.access_acl.empty()) {
    ApplyMode(plan.access_acl, plan.inode.mode);
    auto stored =
        StoreXattr(core, begun_change, number, kAccessAclName, EncodeAcl(plan.access_acl));
    if (!stored) return std::move(stored).error();
  }
  if (auto stored = StoreInode(begun_change, number, plan.inode); !stored) {
    return std::move(stored).error();
  }
  return AttributesOf(number, plan.inode);
}

}  // namespace chainfs::fs

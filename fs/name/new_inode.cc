// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/new_inode.h"

#include "fs/clock.h"
#include "fs/inode_access.h"
#include "fs/name/planned.h"
#include "fs/name/xattr_store.h"

namespace chainfs::fs {
namespace {

constexpr uint32_t kTypeRegular = 0100000, kTypeDirectory = 0040000, kTypeSymlink = 0120000;
constexpr uint32_t kTypeCharacter = 0020000, kTypeBlock = 0060000;
constexpr uint32_t kSetGid = 02000;
constexpr uint32_t kPermissionBits = 07777;

Result<void> InheritAcls(const Core& core, InodeNumber directory, PlannedInode& planned) {
  auto value = ReadXattr(core, directory, kDefaultAclName);
  if (!value) {
    if (value.error().code == ErrorCode::kNoAttribute) return ErrorCode::kDamaged;
    return std::move(value).error();
  }
  bool unknown_version;
  auto acl = DecodeAcl(*value, &unknown_version);
  if (!acl) return ErrorCode::kDamaged;
  InheritedAcl inherited = InheritAcl(*acl, planned.item.mode);
  planned.item.mode = inherited.mode;
  planned.access_acl = std::move(inherited.access);
  if (!planned.access_acl.empty()) planned.item.flags |= kHasXattrs | kHasAccessAcl;
  if (planned.item.is_directory()) {
    planned.default_acl = std::move(*acl);
    planned.item.flags |= kHasXattrs | kHasDefaultAcl;
  }
  return {};
}

}  // namespace

Result<PlannedInode> PlanInode(const Core& core, InodeNumber directory_number,
                               const InodeItem& directory, const NewInode& parameters,
                               uint32_t type) {
  PlannedInode planned;
  planned.number = InodeNumber(core.tree.counters().next_inode);
  InodeItem& item = planned.item;
  item.mode = type | (parameters.mode & kPermissionBits);
  item.uid = parameters.uid;
  item.gid = parameters.gid;
  item.nlink = type == kTypeDirectory ? 2 : 1;
  item.generation = core.inode_generation;
  if (type == kTypeRegular) item.flags |= kInlineData;
  if (type == kTypeDirectory) item.parent = directory_number;
  if (type == kTypeCharacter || type == kTypeBlock) item.rdev = parameters.rdev;
  item.atime = item.mtime = item.ctime = item.btime = Now();

  if ((directory.mode & kSetGid) != 0) {
    item.gid = directory.gid;
    if (type == kTypeDirectory) item.mode |= kSetGid;
  }
  if (type != kTypeSymlink) {
    if ((directory.flags & kHasDefaultAcl) == 0) {
      item.mode &= ~(parameters.umask & 0777);
    } else if (auto inherited = InheritAcls(core, directory_number, planned); !inherited) {
      return std::move(inherited).error();
    }
  }
  // The highest number so far has no neighbour above: one leaf takes whatever the inode will have.
  auto warm = Warm(core.tree, {Key(planned.number, ItemKind::kInode, 0)});
  if (!warm) return std::move(warm).error();
  return planned;
}

Result<void> StoreNewInode(const Core& core, Change& change, const PlannedInode& planned) {
  RootCounters counters = change.counters();
  ++counters.next_inode;
  ++counters.inodes;
  change.SetCounters(counters);
  if (auto stored = StoreInode(change, planned.number, planned.item); !stored) return stored;
  if (!planned.access_acl.empty()) {
    auto stored =
        StoreXattr(core, change, planned.number, kAccessAclName, EncodeAcl(planned.access_acl));
    if (!stored) return stored;
  }
  if (!planned.default_acl.empty()) {
    return StoreXattr(core, change, planned.number, kDefaultAclName,
                      EncodeAcl(planned.default_acl));
  }
  return {};
}

}  // namespace chainfs::fs

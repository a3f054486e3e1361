// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/xattr_rules.h"

#include "fs/name/acl.h"

namespace chainfs::fs {
namespace {

constexpr std::string_view kUserPrefix = "user.";

bool IsAcl(std::string_view name) { return name == kAccessAclName || name == kDefaultAclName; }

}  // namespace

Result<void> CheckXattrName(std::string_view name) {
  if (name.empty() || name.size() > kMaxXattrNameBytes) return ErrorCode::kBufferTooSmall;
  if (IsAcl(name)) return {};
  for (const std::string_view prefix :
       {kUserPrefix, std::string_view("trusted."), std::string_view("security.")}) {
    if (!name.starts_with(prefix)) continue;
    return name.size() > prefix.size() ? Result<void>() : ErrorCode::kInvalid;
  }
  return ErrorCode::kUnsupported;
}

Result<void> CheckXattrTarget(const InodeItem& inode, std::string_view name, XattrAccess access) {
  if (IsAcl(name) && inode.is_symlink()) return ErrorCode::kUnsupported;
  if (name.starts_with(kUserPrefix) && !inode.is_regular() && !inode.is_directory()) {
    return access == XattrAccess::kRead ? ErrorCode::kNoAttribute : ErrorCode::kNotPermitted;
  }
  return {};
}

}  // namespace chainfs::fs

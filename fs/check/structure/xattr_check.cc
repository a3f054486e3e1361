// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/xattr_check.h"

#include <algorithm>
#include <vector>

#include "fs/name/acl.h"
#include "fs/name/xattr_rules.h"

namespace chainfs::fs::check {
namespace {

std::string Named(std::string_view name, const char* what) {
  return "extended attribute '" + std::string(name) + "' " + what;
}

}  // namespace

void XattrCheck::Begin(InodeNumber number, const InodeItem* inode) {
  number_ = number;
  inode_ = inode;
  any_ = access_acl_ = default_acl_ = false;
}

bool XattrCheck::OnXattrs(const Key& key, ByteView value) {
  any_ = true;
  std::vector<std::string_view> names;
  const bool sound = ForEachXattr(value, [&](const XattrEntry& entry) {
    if (std::find(names.begin(), names.end(), entry.name) != names.end()) {
      Report(Named(entry.name, "is there twice"));
    }
    names.push_back(entry.name);
    CheckOne(key, entry);
    return true;
  });
  if (sound && !value.empty()) return true;
  Report("an XATTR item is malformed");
  return false;
}

void XattrCheck::CheckOne(const Key& key, const XattrEntry& entry) {
  if (run_.hasher.Hash(entry.name) != key.offset) {
    Report(Named(entry.name, "is filed under another hash than its name's"));
  }
  access_acl_ = access_acl_ || entry.name == kAccessAclName;
  default_acl_ = default_acl_ || entry.name == kDefaultAclName;
  if (!CheckXattrName(entry.name) ||
      (inode_ != nullptr && !CheckXattrTarget(*inode_, entry.name, XattrAccess::kWrite))) {
    Report(Named(entry.name, "is none that this inode may have"));
  }
  const bool is_acl = entry.name == kAccessAclName || entry.name == kDefaultAclName;
  if (is_acl && !entry.in_object) OnAcl(number_, entry.name, entry.data);
}

void XattrCheck::OnAcl(InodeNumber number, std::string_view name, ByteView value) {
  bool unknown_version;
  const auto acl = DecodeAcl(value, &unknown_version);
  if (!acl || acl->empty()) {
    return run_.findings.Add(FindingKind::kBadItem, number, Named(name, "is no sound ACL"));
  }
  const bool is_current = inode_ != nullptr && number == number_;
  if (is_current && name == kAccessAclName && ModeWithAcl(inode_->mode, *acl) != inode_->mode) {
    Report("its mode and its access ACL disagree");
  }
}

void XattrCheck::Finish(const InodeItem& inode, bool complete) {
  if (!complete) return;
  if (any_ && (inode.flags & kHasXattrs) == 0) {
    Report("has extended attributes that its inode does not know of");
  }
  if (access_acl_ != ((inode.flags & kHasAccessAcl) != 0)) {
    Report(access_acl_ ? "has an access ACL that its inode does not know of"
                       : "its inode says that there is an access ACL, but there is none");
  }
  if (default_acl_ != ((inode.flags & kHasDefaultAcl) != 0)) {
    Report(default_acl_ ? "has a default ACL that its inode does not know of"
                        : "its inode says that there is a default ACL, but there is none");
  }
  if (default_acl_ && !inode.is_directory()) Report("is no directory, but has a default ACL");
}

void XattrCheck::Report(const std::string& what) {
  run_.findings.Add(FindingKind::kBadItem, number_, what);
}

}  // namespace chainfs::fs::check

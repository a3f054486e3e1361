// SPDX-License-Identifier: GPL-3.0-or-later
// The XATTR items of one inode after another. One thread.
#pragma once

#include "fs/name/acl.h"
#include "fs/name/xattr_codec.h"
#include "fs/repair/item_walk.h"
#include "fs/repair/workbench.h"

namespace chainfs::fs::repair {

class XattrItems {
 public:
  explicit XattrItems(Workbench& bench) : bench_(bench) {}

  void Begin(InodeNumber number);
  Result<Step> OnXattrs(const Key& key, ByteView value);
  bool any() const { return any_; }
  // Sets what the inode says of its xattrs right.
  void Finish(InodeItem& inode);

 private:
  // Appends the attribute to what is kept of the item. False: it was changed, or left out.
  Result<bool> Keep(const Key& key, const XattrEntry& entry, XattrItemValue& kept);
  bool IsSoundAcl(std::string_view name, ByteView value);
  void Remove(const XattrEntry& entry, const char* why);

  Workbench& bench_;
  InodeNumber number_;
  bool any_ = false, default_acl_ = false;
  std::optional<Acl> access_acl_;
};

}  // namespace chainfs::fs::repair

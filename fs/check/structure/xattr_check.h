// SPDX-License-Identifier: GPL-3.0-or-later
// The extended attributes of one inode after another: names are legal there and filed under their
// hash, ACLs are sound, and the inode's flags say what there is. One thread at a time.
#pragma once

#include "fs/check/structure/structure_run.h"
#include "fs/inode_item.h"
#include "fs/name/xattr_codec.h"

namespace chainfs::fs::check {

class XattrCheck {
 public:
  explicit XattrCheck(StructureRun& run) : run_(run) {}

  // `inode`: null if it is not known.
  void Begin(InodeNumber number, const InodeItem* inode);
  // False: the value is not sound, and has been reported.
  bool OnXattrs(const Key& key, ByteView value);
  // The value of an ACL that is in an object.
  void OnAcl(InodeNumber number, std::string_view name, ByteView value);
  // `complete`: nothing of the inode is lost.
  void Finish(const InodeItem& inode, bool complete);

 private:
  void CheckOne(const Key& key, const XattrEntry& entry);
  void Report(const std::string& what);

  StructureRun& run_;
  InodeNumber number_;
  const InodeItem* inode_ = nullptr;
  bool any_ = false, access_acl_ = false, default_acl_ = false;
};

}  // namespace chainfs::fs::check

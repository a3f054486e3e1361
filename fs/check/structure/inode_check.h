// SPDX-License-Identifier: GPL-3.0-or-later
// Puts together what the tree has of one inode after another, and checks it. One thread at a time.
#pragma once

#include <optional>

#include "fs/check/structure/directory_check.h"
#include "fs/check/structure/file_check.h"
#include "fs/check/structure/orphan_check.h"
#include "fs/check/structure/parent_loops.h"
#include "fs/check/structure/xattr_check.h"

namespace chainfs::fs::check {

class InodeCheck {
 public:
  explicit InodeCheck(StructureRun& run);

  // The next item of the tree, in order. What it refers to is for the others to look at:
  struct Referred {
    std::optional<Pieces> pieces;  // of an EXTENT item
    bool xattrs_are_sound = false;
    uint64_t file_size = UINT64_MAX;  // not known
  };
  Referred OnItem(const Key& key, ByteView value);
  // The value of an ACL that is in an object.
  void OnAcl(InodeNumber number, std::string_view name, ByteView value) {
    xattrs_.OnAcl(number, name, value);
  }
  // There are no more items. Compares the totals at the root, unless anything is lost.
  void Finish();

 private:
  void BeginInode(InodeNumber number);
  void FinishInode();
  void OnInodeItem(const Key& key, ByteView value);
  void CheckInode(const InodeItem& inode, bool complete);
  void CheckTarget(const InodeItem& inode);
  // False: a part of the inode's items is lost, which is reported.
  bool ReportIfIncomplete();
  void CheckTotals();

  StructureRun& run_;
  DirectoryCheck directory_;
  FileCheck file_;
  XattrCheck xattrs_;
  OrphanCheck orphans_;
  ParentLoops loops_;

  InodeNumber number_;  // in hand; 0: none
  std::optional<InodeItem> item_;
  bool malformed_ = false;  // there is an INODE item, but it is not sound
  std::optional<size_t> tail_bytes_;
  uint64_t inodes_ = 0, highest_ = 0;
};

}  // namespace chainfs::fs::check

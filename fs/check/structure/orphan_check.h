// SPDX-License-Identifier: GPL-3.0-or-later
// ORPHAN items and the inodes that they are about, side by side in order of number. An inode
// without a name has an empty one; another whose truncation is not finished has one with its
// target; nothing else has. One thread at a time.
#pragma once

#include <optional>

#include "fs/check/structure/structure_run.h"
#include "fs/inode_item.h"

namespace chainfs::fs::check {

class OrphanCheck {
 public:
  explicit OrphanCheck(StructureRun& run) : run_(run) {}

  // The next inode. REQUIRES: in order of number.
  void OnInode(InodeNumber number, const InodeItem& inode);
  // There are no more inodes.
  void Finish();

 private:
  // At the first item for `number` or a later inode; reports those before it. False: there is none,
  // or it cannot be read.
  bool AdvanceTo(InodeNumber number);
  void ReportStray(InodeNumber number);

  StructureRun& run_;
  bool begun_ = false;
  std::optional<Cursor> cursor_;  // none: the items cannot be read
  uint64_t expected_from_ = 0;    // inodes before this one have been here
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// Whether names and inodes fit: every entry leads to an inode of the type that it says, a directory
// is named by its parent and by nobody else, and every inode has as many names as it counts.
//
// For a window of the inodes at a time: each takes one walk over the INODE items in it and one over
// all entries. One thread at a time.
#pragma once

#include "fs/check/structure/inode_table.h"
#include "fs/check/structure/structure_run.h"
#include "fs/name/dentry_codec.h"

namespace chainfs::fs::check {

class NameCheck {
 public:
  // `most_inodes`: at a time.
  NameCheck(StructureRun& run, size_t most_inodes) : run_(run), table_(most_inodes) {}

  // Begins the first or next window, and reads its inodes. False: all have been in one.
  Result<bool> BeginWindow();
  void OnEntry(InodeNumber directory, const DirIndexEntry& entry);
  // All entries have been here.
  void FinishWindow();

 private:
  void CheckTarget(InodeNumber directory, const DirIndexEntry& entry, size_t i);
  void OnMissing(InodeNumber directory, const DirIndexEntry& entry);
  void CheckNames(InodeNumber number, size_t i);

  StructureRun& run_;
  InodeTable table_;
  bool begun_ = false;
  uint64_t lost_names_ = 0;
};

}  // namespace chainfs::fs::check

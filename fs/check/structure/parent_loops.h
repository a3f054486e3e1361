// SPDX-License-Identifier: GPL-3.0-or-later
// Finds directories that are inside themselves, which nothing else would see: each is named by its
// parent, and none can be reached.
//
// A directory is mostly newer than its parent. In a loop at least one is older, so only from those
// is the way upwards gone, which takes no memory. One thread at a time.
#pragma once

#include <unordered_set>

#include "fs/check/structure/structure_run.h"
#include "fs/inode_item.h"

namespace chainfs::fs::check {

class ParentLoops {
 public:
  explicit ParentLoops(StructureRun& run) : run_(run) {}
  void OnDirectory(InodeNumber number, const InodeItem& directory);

 private:
  // nullopt: the way ends there, which is not a loop, and others report it if it is wrong.
  std::optional<InodeNumber> ParentOf(InodeNumber number) const;
  void ReportLoop(InodeNumber within);
  // The way from here upwards need not be gone again.
  void Settle(InodeNumber from);

  StructureRun& run_;
  std::unordered_set<InodeNumber> settled_;   // emptied when it is large
  std::unordered_set<InodeNumber> reported_;  // the lowest number of each loop
};

}  // namespace chainfs::fs::check

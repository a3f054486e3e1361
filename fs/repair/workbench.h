// SPDX-License-Identifier: GPL-3.0-or-later
// What the passes over a tree's items share. Each leaves the tree a little more consistent, in one
// Change; they run in this order:
//
//   ItemPass    each inode by itself: what it has agrees with what it says
//   EntryPass   names lead to inodes, and are there in both of their forms
//   LinkPass    inodes have the names that they should have
//
// One thread.
#pragma once

#include "fs/repair/inode_table.h"
#include "fs/repair/journal.h"
#include "fs/repair/object_judge.h"
#include "fs/repair/tree_scan.h"

namespace chainfs::fs::repair {

struct Workbench {
  Core& core;
  Change& change;
  ObjectJudge& judge;
  Journal& journal;
  std::vector<KeyRange> lost_items;  // keys of which items may have been lost
  InodeTable inodes;
  std::vector<std::pair<InodeNumber, bool>> orphans;  // ORPHAN items; true: has a target size
  RootCounters totals;                                // as counted; next_inode: at least this
};

}  // namespace chainfs::fs::repair

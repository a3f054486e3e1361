// SPDX-License-Identifier: GPL-3.0-or-later
// The third pass: link counts, parents and ORPHAN items follow from the names that were found; what
// no directory names goes to /lost+found as `#<inode number>`; the totals are set right. One
// thread.
#pragma once

#include <unordered_map>

#include "fs/repair/workbench.h"

namespace chainfs::fs::repair {

class LinkPass {
 public:
  explicit LinkPass(Workbench& bench) : bench_(bench) {}
  // Errors: kIo and the like. REQUIRES: EntryPass has run.
  Result<void> Run();

 private:
  // Whether it was on its way out: without a name, and known to have none.
  bool IsOrphan(const InodeFacts& inode) const;
  Result<void> Rescue(InodeNumber number);
  Result<void> FindLostAndFound();
  Result<void> MakeLostAndFound(const std::string& name);
  Result<void> AddEntry(InodeNumber directory, const std::string& name, InodeNumber target);
  Result<void> SettleLinks(const InodeFacts& facts);
  Result<void> SettleOrphan(InodeNumber number, uint32_t nlink, bool shrinking, uint64_t size);
  Result<void> RemoveStrayOrphans();
  void SettleTotals();

  Workbench& bench_;
  InodeNumber lost_and_found_;                     // 0: not needed so far
  std::unordered_map<InodeNumber, bool> orphans_;  // ORPHAN items; true: has a target size
};

}  // namespace chainfs::fs::repair

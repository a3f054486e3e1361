// SPDX-License-Identifier: GPL-3.0-or-later
// Findings of the structure check on their way to the listener. They are kept, in order, until the
// paths of their inodes can be looked up together: at the end, or when there are 16384.
// One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "fs/check/finding.h"
#include "fs/check/structure/path_finder.h"

namespace chainfs::fs::check {

class FindingQueue {
 public:
  // All must outlive it.
  FindingQueue(NodeTable& nodes, const Tree& tree, const Pointer& root, Listener& listener)
      : tree_(tree), paths_(nodes, tree, root), listener_(listener) {}

  // About an inode: the path is found later.
  void Add(FindingKind kind, InodeNumber inode, std::string what);
  // About a name in a directory.
  void AddAt(FindingKind kind, InodeNumber directory, std::string_view name, InodeNumber inode,
             std::string what);
  void Add(Finding finding);
  // Hands all to the listener.
  void Flush();
  // Without what a repair has given up, which is known and no fault of the structure.
  uint64_t count() const { return count_; }
  uint64_t lost() const { return lost_; }

 private:
  void FindPaths();

  const Tree& tree_;
  PathFinder paths_;
  Listener& listener_;
  std::vector<Finding> waiting_;
  uint64_t count_ = 0, lost_ = 0;
};

// A finding of this pass, with the advice that goes with its kind.
Finding MakeFinding(FindingKind kind, std::string what);

}  // namespace chainfs::fs::check

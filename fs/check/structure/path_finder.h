// SPDX-License-Identifier: GPL-3.0-or-later
// Which path leads to an inode: for messages. A directory's is found by its parents; any other
// inode does not know its names, so those of many are looked for together, in one walk over the
// names.
//
// Whatever is damaged on the way is not found. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "fs/tree/tree.h"

namespace chainfs::fs::check {

// One name of an inode.
struct NamePlace {
  InodeNumber directory;
  std::string name;
};

class PathFinder {
 public:
  // All must outlive it.
  PathFinder(NodeTable& nodes, const Tree& tree, const Pointer& root)
      : nodes_(nodes), tree_(tree), root_(root) {}

  // "/" for the root. REQUIRES (this and PathIn): the tree is open.
  std::optional<std::string> PathOfDirectory(InodeNumber directory);
  std::optional<std::string> PathIn(InodeNumber directory, std::string_view name);

  // One name for each of the inodes, as far as they have any that can be read.
  std::unordered_map<InodeNumber, NamePlace> FindNames(
      const std::unordered_set<InodeNumber>& inodes);

 private:
  std::optional<NamePlace> PlaceOf(InodeNumber directory);
  std::optional<std::string> FindPathOf(InodeNumber directory);

  NodeTable& nodes_;
  const Tree& tree_;
  const Pointer root_;
  // Of directories, those that have none too; emptied when it is large.
  std::unordered_map<InodeNumber, std::optional<std::string>> known_;
};

}  // namespace chainfs::fs::check

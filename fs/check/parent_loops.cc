// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/parent_loops.h"

#include <algorithm>

#include "fs/inode_access.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kMostSound = 65536;

}  // namespace

std::optional<InodeNumber> ParentLoops::ParentOf(InodeNumber number) const {
  auto inode = LoadInode(run_.tree, number);
  if (!inode || !inode->is_directory() || inode->nlink == 0) return std::nullopt;
  return inode->parent;
}

void ParentLoops::OnDirectory(InodeNumber number, const InodeItem& directory) {
  if (number == kRootInode) {
    if (directory.parent != kRootInode) {
      run_.findings.Add(FindingKind::kBadParent, number, "the root directory has a parent");
    }
    return;
  }
  if (directory.parent < number || directory.nlink == 0) return;
  // Brent's algorithm: the hare walks on, and the tortoise is put where it is ever more rarely.
  InodeNumber tortoise = number, hare = directory.parent;
  for (uint64_t power = 1, steps = 1; hare != tortoise; ++steps) {
    if (hare == kRootInode || sound_.contains(hare)) {
      if (sound_.size() == kMostSound) sound_.clear();
      sound_.insert(number);
      return;
    }
    if (steps == power) {
      tortoise = hare;
      power *= 2;
      steps = 0;
    }
    const auto parent = ParentOf(hare);
    if (!parent) return;
    hare = *parent;
  }
  ReportLoop(hare);
}

void ParentLoops::ReportLoop(InodeNumber within) {
  InodeNumber lowest = within;
  for (auto at = ParentOf(within); at && *at != within; at = ParentOf(*at)) {
    lowest = std::min(lowest, *at);
  }
  if (!reported_.insert(lowest).second) return;
  run_.findings.Add(FindingKind::kBadParent, lowest, "the directory is inside itself");
}

}  // namespace chainfs::fs::check

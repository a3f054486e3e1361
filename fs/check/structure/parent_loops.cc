// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/parent_loops.h"

#include <algorithm>

#include "fs/inode_access.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kMostSettled = 65536;

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
  if (directory.parent < number || directory.nlink == 0 || settled_.contains(number)) return;
  // Brent's algorithm: the hare walks on, and the tortoise is put where it is ever more rarely.
  InodeNumber tortoise = number, hare = directory.parent;
  bool ends = false;
  for (uint64_t power = 1, steps = 1; hare != tortoise && !ends; ++steps) {
    if (steps == power) {
      tortoise = hare;
      power *= 2;
      steps = 0;
    }
    const auto parent = ParentOf(hare);
    ends = !parent || *parent == kRootInode || settled_.contains(*parent);
    if (!ends) hare = *parent;
  }
  if (!ends) ReportLoop(hare);
  Settle(number);
}

void ParentLoops::Settle(InodeNumber from) {
  if (settled_.size() >= kMostSettled) settled_.clear();
  for (std::optional<InodeNumber> at = from; at && *at != kRootInode; at = ParentOf(*at)) {
    if (settled_.size() == kMostSettled || !settled_.insert(*at).second) return;
  }
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

// SPDX-License-Identifier: GPL-3.0-or-later
// Locks that keep the data of one file still: writers, truncation and hole punching take it
// exclusively, reads shared. Striped by inode number. Directories do not need them: each of their
// operations is one Change. Taken before the tree lock, never after.
#pragma once

#include <array>
#include <mutex>
#include <shared_mutex>

#include "crypto/base/types.h"
#include "fs/tree_mutex.h"

namespace chainfs::fs {

class InodeLocks {
 public:
  std::shared_lock<TreeMutex> Shared(InodeNumber inode) {
    return std::shared_lock(stripes_[StripeOf(inode)]);
  }
  std::unique_lock<TreeMutex> Exclusive(InodeNumber inode) {
    return std::unique_lock(stripes_[StripeOf(inode)]);
  }

  // Two files at once, in stripe order; the second lock is empty if both share a stripe.
  struct Pair {
    std::unique_lock<TreeMutex> first, second;
  };
  Pair ExclusivePair(InodeNumber a, InodeNumber b) {
    const size_t low = std::min(StripeOf(a), StripeOf(b));
    const size_t high = std::max(StripeOf(a), StripeOf(b));
    Pair pair;
    pair.first = std::unique_lock(stripes_[low]);
    if (high != low) pair.second = std::unique_lock(stripes_[high]);
    return pair;
  }

 private:
  static constexpr size_t kStripes = 256;
  static size_t StripeOf(InodeNumber inode) { return inode.value % kStripes; }
  std::array<TreeMutex, kStripes> stripes_;
};

}  // namespace chainfs::fs

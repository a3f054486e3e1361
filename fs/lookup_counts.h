// SPDX-License-Identifier: GPL-3.0-or-later
// How many times the kernel holds each inode it has looked up: a count in a compact table, not an
// object, since there may be millions of them.
//
// It also knows which of the held ones are orphans: whoever lets go of one of those last has it
// reclaimed, without a look into the tree at each of the kernel's many forgets.
//
// Thread-safe; sharded. Retain happens under the tree lock of the operation that found the inode,
// so that an unlink and forget in between cannot reclaim it.
#pragma once

#include <array>
#include <mutex>
#include <vector>

#include "crypto/base/types.h"

namespace chainfs::fs {

class LookupCounts {
 public:
  enum class Released { kNotLast, kLast, kLastOfOrphan };

  void Retain(InodeNumber inode, uint64_t count = 1);
  // Releasing more than is held releases what is held.
  Released Release(InodeNumber inode, uint64_t count);
  bool IsHeld(InodeNumber inode) const;
  // The inode has no name left. False: nobody holds it (and nothing is noted).
  bool MarkOrphan(InodeNumber inode);
  // It has one again.
  void UnmarkOrphan(InodeNumber inode);
  uint64_t inodes() const;  // with a count above zero

 private:
  struct Slot {
    uint64_t inode = 0;  // 0: empty
    uint64_t count = 0;  // the top bit: it is an orphan
  };
  static constexpr uint64_t kOrphanBit = uint64_t{1} << 63;
  // Open addressing, linear probing, at most 3/4 full; deletion shifts back, so no tombstones.
  struct Shard {
    mutable std::mutex mutex;
    std::vector<Slot> slots;
    size_t used = 0;
  };
  static constexpr size_t kShards = 16;
  static size_t Home(uint64_t inode, size_t capacity);
  // The inode's slot, or the empty one where it would go. REQUIRES: there are slots.
  static size_t SlotOf(const Shard& shard, uint64_t inode);
  // nullptr: it is not held.
  static Slot* Find(Shard& shard, uint64_t inode);
  static void Resize(Shard& shard, size_t capacity);
  static void EraseAt(Shard& shard, size_t at);
  Shard& ShardOf(InodeNumber inode) { return shards_[inode.value % kShards]; }
  const Shard& ShardOf(InodeNumber inode) const { return shards_[inode.value % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace chainfs::fs

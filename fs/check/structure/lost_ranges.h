// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of the tree that could not be read, as ranges of keys: what a check must not draw
// conclusions about. Bounded: beyond 65536 ranges, neighbours are taken together with what lies
// between them. Plain values; one thread at a time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fs/tree/key.h"

namespace chainfs::fs::check {

// [from, to).
struct KeyRange {
  Key from, to;
};

// Before, and after, every key that an item may have.
inline KeyRange AllKeys() {
  return {Key(InodeNumber(0), static_cast<ItemKind>(0), 0),
          Key(InodeNumber(UINT64_MAX), static_cast<ItemKind>(0xff), UINT64_MAX)};
}
// The range of all items of one inode.
KeyRange ItemsOf(InodeNumber inode);
// Whether there is a key of an INODE item in it, or of a DENTRY or DIRINDEX item.
bool MayHoldInodes(const KeyRange& range);
bool MayHoldEntries(const KeyRange& range);
// "inodes 5 to 17", "entries of inode 5", "the content of inode 5 from byte 0 to 4194304".
std::string Describe(const KeyRange& range);

class LostRanges {
 public:
  // Taken together with the ranges that it overlaps.
  void Add(KeyRange range);
  bool empty() const { return ranges_.empty(); }
  bool Covers(const Key& key) const;
  // The lost parts of one inode, in order.
  std::vector<KeyRange> Within(InodeNumber inode) const;
  bool MayHoldEntries() const { return may_hold_entries_; }

 private:
  std::map<Key, Key> ranges_;  // from: to; none overlap
  bool may_hold_entries_ = false;
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// What a check has to know of an inode when it meets its names, which are anywhere in the tree: for
// a window of the inodes, in order of number. 16 bytes an inode. One thread at a time.
#pragma once

#include <optional>
#include <vector>

#include "fs/inode_item.h"

namespace chainfs::fs::check {

class InodeTable {
 public:
  // `most` inodes at a time; at least one.
  explicit InodeTable(size_t most);

  // Forgets all, and begins a window at `from`, which is open towards the end.
  void BeginWindow(InodeNumber from);
  // The next inode; null: its item is not sound. False: it does not fit any more, and the window
  // ends before it. REQUIRES: a larger number than the one before.
  bool Add(InodeNumber number, const InodeItem* item);

  // Whether a number lies in the window, where every inode that there is is known.
  bool Covers(InodeNumber number) const;
  // Where the next window begins; nullopt: this one reaches to the end.
  std::optional<InodeNumber> end() const { return end_; }

  // By index, in order of number.
  std::optional<size_t> Find(InodeNumber number) const;
  size_t size() const { return offsets_.size(); }
  InodeNumber NumberAt(size_t i) const { return InodeNumber(first_ + offsets_[i]); }
  // 0: not known, since the item is not sound. The rest is of no meaning then.
  uint32_t TypeAt(size_t i) const { return static_cast<uint32_t>(facts_[i] >> 60) << 12; }
  bool IsParentAt(size_t i, InodeNumber directory) const;
  void CountNameAt(size_t i) { --names_left_[i]; }
  // As many names as it should have. (Modulo 2^32: more names than that take longer than a check.)
  bool HasItsNamesAt(size_t i) const { return names_left_[i] == 0; }
  // How many of `expected` it has.
  uint32_t NamesAt(size_t i, uint32_t expected) const { return expected - names_left_[i]; }

 private:
  void Grow();

  const size_t most_;
  uint64_t from_ = 0, first_ = 0;
  std::optional<InodeNumber> end_;
  std::vector<uint32_t> offsets_;     // of the numbers from first_
  std::vector<uint32_t> names_left_;  // expected, less those that were met
  std::vector<uint64_t> facts_;       // 4 bits of type, 60 of a directory's parent
};

// How many names lead to an inode by its link count: a directory has one, the root none.
uint32_t NamesOf(InodeNumber number, const InodeItem& inode);

}  // namespace chainfs::fs::check

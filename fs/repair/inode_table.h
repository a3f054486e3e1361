// SPDX-License-Identifier: GPL-3.0-or-later
// What has to be known of all inodes at once, since their names may be anywhere in the tree: 40
// bytes each. One thread.
#pragma once

#include <algorithm>
#include <vector>

#include "fs/inode_item.h"

namespace chainfs::fs::repair {

struct InodeFacts {
  InodeNumber number;
  InodeNumber named_in;  // the directory of the last name found; 0: none
  uint32_t type = 0;     // S_IFMT bits
  uint32_t nlink = 0;    // as it says
  uint32_t names = 0;    // as found
  uint32_t subdirectories = 0;
  bool has_entries = false;
  bool is_directory() const { return type == 0040000; }
};

class InodeTable {
 public:
  // In the order of the numbers.
  void Append(const InodeFacts& facts) { inodes_.push_back(facts); }
  // Null: there is no such inode. Valid until the next Append.
  InodeFacts* Find(InodeNumber number) {
    auto it = std::ranges::lower_bound(inodes_, number, {}, &InodeFacts::number);
    return it != inodes_.end() && it->number == number ? &*it : nullptr;
  }
  size_t size() const { return inodes_.size(); }
  InodeFacts& operator[](size_t i) { return inodes_[i]; }

 private:
  std::vector<InodeFacts> inodes_;
};

}  // namespace chainfs::fs::repair

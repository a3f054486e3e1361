// SPDX-License-Identifier: GPL-3.0-or-later
// The walk of one LMDB tree: each page sound by itself, in its place, within what its parent says,
// and reached once; the counts as the tree's record has them. Internal to fs/store.
// One thread at a time.
#pragma once

#include <functional>

#include "fs/store/page_file.h"
#include "fs/store/page_index.h"

namespace chainfs::fs::store {

enum class PageKeys : uint8_t {
  kTransactions,  // eight bytes in the machine's order, compared as numbers
  kNumbers,       // eight bytes, compared as bytes
  kNames,         // 1 to kMaxKeyBytes, compared as bytes
};

struct TreeRules {
  std::string name;
  PageKeys keys = PageKeys::kNames;
  // No value is ever changed in place, so that an overflow run is as long as its value needs. LMDB
  // leaves a longer one where a value was made shorter within one transaction.
  bool written_once = false;
  bool holds_trees = false;
  // A branch with one child, at which LMDB stops elsewhere.
  bool lone_children = false;
};

// Called for each leaf node once it is found sound, and its overflow run with it.
using LeafVisitor = std::function<void(uint64_t page, const PageNode& node)>;

class TreeWalk {
 public:
  TreeWalk(PageWalkContext& context, TreeRules rules, LeafVisitor visit = nullptr)
      : context_(context), rules_(std::move(rules)), visit_(std::move(visit)) {
    counts_.name = rules_.name;
  }
  // Findings about the record itself are put down to `page`. Appends to the report's tables.
  void Run(const TreeRecord& record, uint64_t page);

 private:
  void Page(uint64_t number, uint64_t parent, int depth, ByteView from, ByteView to);
  void Branch(uint64_t number, const IndexPage& page, int depth, ByteView from, ByteView to);
  void Leaf(uint64_t number, const IndexPage& page, int depth);
  bool KeysAreSound(uint64_t number, const IndexPage& page, ByteView from, ByteView to);
  bool Overflow(uint64_t number, const PageNode& node);
  bool Use(uint64_t page, uint64_t parent);
  void Compare(const TreeRecord& record, uint64_t page);
  bool Less(ByteView a, ByteView b) const;

  PageWalkContext& context_;
  TreeRules rules_;
  LeafVisitor visit_;
  PageTable counts_;  // depth: the first leaf's
};

}  // namespace chainfs::fs::store

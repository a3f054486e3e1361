// SPDX-License-Identifier: GPL-3.0-or-later
// Walks a tree that may be damaged, opens every node, and finds what it takes to put it together
// again.
//
// What an inner node says is known from elsewhere, too: the birth rows have the nonces of all
// nodes, so the nodes below a lost one can be opened without it, and they know their own keys.
// Only what a lost leaf held is lost.
//
//        root                       root
//      lost   b          ->     new node   b       `new node` takes the pointers to the heads of
//     c    d  e f              c       d   e f     the lost node's subtrees, in order of their keys
#pragma once

#include <optional>

#include "crypto/sealing.h"
#include "fs/core.h"
#include "fs/repair/inventory.h"

namespace chainfs::fs::repair {

// Keys [from, to); `to` may be past every key that there is.
struct KeyRange {
  Key from, to;
  bool Contains(const Key& key) const { return from <= key && key < to; }
};
KeyRange AllKeys();

// A pointer in the tree, or the root's, behind which there is no sound node.
struct LostNode {
  Pointer pointer;
  KeyRange keys;             // of which it may have held items
  std::optional<int> level;  // nullopt: not known, it is the root
};

// The root of a subtree that has lost what is above it.
struct Head {
  Pointer pointer;
  KeyRange keys;  // from its first item to where the next head of its level begins, or to the end
  int level = 0;
};

struct TreeScan {
  OldRoot root;
  std::vector<LostNode> lost;  // in the order of their keys
  std::vector<Head> heads;     // likewise
  uint64_t unplaced = 0;       // nodes that do not open, below lost ones

  bool IsWhole() const { return lost.empty(); }
  // The keys of which items may have been lost. Empty: none were.
  std::vector<KeyRange> LostItems() const;
  // The lost leaves, as far as it is known which of the lost nodes are.
  std::vector<ObjectId> LostLeaves() const;
};

// `root` is one of facts.roots. Errors: kIo and the like, from the store.
Result<TreeScan> ScanTree(Core& core, const LedgerFacts& facts, const Inventory& inventory,
                          const OldRoot& root);

}  // namespace chainfs::fs::repair

// SPDX-License-Identifier: GPL-3.0-or-later
// A generation after its freeze: immutable objects with their nonces, on their way to the store.
// It stays readable in memory until its commit is durable, and for ever if that fails.
#pragma once

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <vector>

#include "fs/commit/pending_object.h"
#include "fs/tree/node.h"
#include "ledger/commit_lists.h"

namespace chainfs::fs {

class NodeTable;
class OpenSet;

// Threads: const once made.
class FrozenSet {
 public:
  // The freeze proper. Draws every nonce, and fills the pointers of this generation's children
  // into their parents and items. `root` is the tree's root node.
  // REQUIRES: the exclusive tree lock; the open set is replaced before the lock is released.
  static std::shared_ptr<const FrozenSet> Freeze(OpenSet& open, const Node& root);

  uint64_t generation() const { return generation_; }
  const Pointer& root() const { return root_; }
  ObjectId next_id() const { return next_id_; }
  // Everything born, ids ascending.
  const std::vector<std::shared_ptr<const PendingObject>>& births() const { return births_; }
  const std::vector<NodeRef>& nodes() const { return nodes_; }
  const std::vector<ledger::Death>& deaths() const { return deaths_; }
  bool IsTouched(InodeNumber inode) const { return touched_.contains(inode); }

  // A piece or xattr value of this set; null: not here.
  std::shared_ptr<const PendingObject> Find(ObjectId id) const;

 private:
  FrozenSet() = default;
  uint64_t generation_ = 0;
  Pointer root_;
  ObjectId next_id_;
  std::vector<std::shared_ptr<const PendingObject>> births_;
  std::vector<NodeRef> nodes_;
  std::vector<ledger::Death> deaths_;
  std::unordered_set<InodeNumber> touched_;
};

}  // namespace chainfs::fs

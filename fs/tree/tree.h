// SPDX-License-Identifier: GPL-3.0-or-later
// The copy-on-write B+tree that holds the whole filesystem.
//
// A node of the open generation is changed in place; any other is cloned first, and so are its
// ancestors, and the old ones go on the open set's death list. An old root therefore stays a
// complete filesystem for as long as its objects are retained.
//
// Errors: kNotFound where a key is asked for; kDamaged or kIo from reading a node. A change that
// fails has changed nothing: everything that it needs is loaded before anything is touched.
//
// Threads: const methods under the shared tree lock, the others under the exclusive one. Views of
// values stay valid while their Item or Cursor lives and the lock is held.
#pragma once

#include <memory>
#include <vector>

#include "crypto/base/result.h"
#include "fs/commit/open_set.h"
#include "fs/tree/node_table.h"

namespace chainfs::fs {

// One value, with the node that keeps it alive.
struct Item {
  NodeRef node;
  ByteView value;
};

// Walks items forward in key order.
class Cursor {
 public:
  bool valid() const { return !path_.empty(); }
  // REQUIRES: valid().
  Key key() const { return path_.back().node->KeyAt(path_.back().index); }
  ByteView value() const { return path_.back().node->ValueAt(path_.back().index); }
  // True while it is on an item of this inode and kind.
  bool IsAt(InodeNumber inode, ItemKind kind) const {
    return valid() && key().inode == inode.value && key().kind == kind;
  }
  Result<void> Next();

 private:
  friend class Tree;
  struct Step {
    NodeRef node;
    size_t index;
  };
  explicit Cursor(NodeTable& table) : table_(&table) {}
  Result<void> SkipToItem();

  NodeTable* table_;
  std::vector<Step> path_;  // root first; empty: past the end
};

class Tree {
 public:
  explicit Tree(NodeTable& table) : table_(table) {}

  // Starts with an empty tree in the open set, or with a committed root.
  void CreateEmpty(OpenSet& open);
  Result<void> OpenAt(const Pointer& root);

  Result<Item> Find(const Key& key) const;
  // At the first item whose key is >= `key`, or past the end.
  Result<Cursor> Seek(const Key& key) const;
  // At the last item whose key is <= `key`, or past the end if there is none.
  Result<Cursor> SeekLast(const Key& key) const;

  // Inserts, or replaces the value. REQUIRES: value.size() <= kMaxValueBytes.
  Result<void> Put(OpenSet& open, const Key& key, ByteView value);
  Result<void> Erase(OpenSet& open, const Key& key);

  RootCounters counters() const { return root_->counters(); }
  void SetCounters(OpenSet& open, const RootCounters& counters);

  const NodeRef& root() const { return root_; }

 private:
  struct Step {
    NodeRef node;
    size_t index;
  };
  // The nodes from the root to the leaf for `key`; `index` is the child taken, in the leaf the
  // lower bound.
  Result<std::vector<Step>> Descend(const Key& key) const;
  // Clones whatever on the path is not of the open generation.
  void MakeWritable(OpenSet& open, std::vector<Step>& path);
  NodeRef MakeWritable(OpenSet& open, const NodeRef& node);
  NodeRef NewNode(OpenSet& open, int level);
  void Retire(OpenSet& open, const NodeRef& node);
  // Splits the first inner node on the path that could not take another child. False: none.
  bool SplitFullInnerNode(OpenSet& open, std::vector<Step>& path);
  // REQUIRES: depth == 0, or the parent has room for a child. Cells [from, count) move right.
  void Split(OpenSet& open, std::vector<Step>& path, size_t depth, size_t from, const Key& new_key);
  // After an erase: removes an empty node, merges a sparse one with a neighbour, lowers the root.
  void Shrink(OpenSet& open, std::vector<Step>& path);
  bool TryMerge(OpenSet& open, Node& parent, size_t left_index);
  void LowerRoot(OpenSet& open);

  NodeTable& table_;
  NodeRef root_;
};

}  // namespace chainfs::fs

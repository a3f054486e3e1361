// SPDX-License-Identifier: GPL-3.0-or-later
// A walk through a tree that is not trusted: every node must open under its pointer, be one level
// below its parent, and hold only keys that the parent gives it. One that does not is lost, with
// all that it may have held, and the walk goes on behind it.
//
// Ends whatever the tree is: levels descend, and since a node's keys fit one place in the tree
// only, one that is referred to twice is taken for lost in the other place. Holds one node a level.
#pragma once

#include "fs/check/structure/lost_ranges.h"
#include "fs/tree/node_table.h"

namespace chainfs::fs::check {

enum class NodeFault {
  kDoesNotOpen,  // missing, or not what was sealed under this pointer
  kWrongLevel,
  kMisplacedKeys,
};

class TreeVisitor {
 public:
  virtual ~TreeVisitor() = default;
  // Whether anything in the range is of interest: else what holds it is not read.
  virtual bool Wants(const KeyRange&) { return true; }
  // Before a node is read.
  virtual void OnNode(const Pointer&) {}
  // A node that is no good, and the keys whose items are lost with it. False: end the walk.
  virtual bool OnLost(const Pointer& node, NodeFault fault, const KeyRange& keys) = 0;
  // An item, in order. False: end the walk.
  virtual bool OnItem(const Key& key, ByteView value) = 0;
};

// Visits the items of `keys`, and the nodes on the way. What the store answers but for "not there"
// is an error (kIo, kBusy, kNoMemory); that a visitor ended the walk is none.
Result<void> WalkTree(NodeTable& nodes, const Pointer& root, const KeyRange& keys,
                      TreeVisitor& visitor);

}  // namespace chainfs::fs::check

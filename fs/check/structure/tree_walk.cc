// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/tree_walk.h"

#include <optional>

namespace chainfs::fs::check {
namespace {

class Walk {
 public:
  Walk(NodeTable& nodes, const KeyRange& keys, TreeVisitor& visitor)
      : nodes_(nodes), wanted_(keys), visitor_(visitor) {}

  // False: the walk ends, or has failed.
  Result<bool> Enter(const Pointer& pointer, std::optional<int> level, const KeyRange& bounds) {
    visitor_.OnNode(pointer);
    auto found = nodes_.Get(pointer);
    if (!found && found.error().code != ErrorCode::kDamaged) return std::move(found).error();
    // The table goes by ids: what it has may be there by another pointer.
    if (!found || (*found)->pointer() != pointer) {
      return visitor_.OnLost(pointer, NodeFault::kDoesNotOpen, bounds);
    }
    const NodeRef& node = *found;
    if (level && node->level() != *level) {
      return visitor_.OnLost(pointer, NodeFault::kWrongLevel, bounds);
    }
    if (!FitsInto(*node, bounds)) {
      return visitor_.OnLost(pointer, NodeFault::kMisplacedKeys, bounds);
    }
    return node->is_leaf() ? VisitItems(*node) : VisitChildren(*node, bounds);
  }

 private:
  // An inner node's first key stands for all that is smaller, so it is no bound.
  static bool FitsInto(const Node& node, const KeyRange& bounds) {
    const size_t n = node.count(), first = node.is_leaf() ? 0 : 1;
    if (first < n && node.KeyAt(first) < bounds.from) return false;
    return n == 0 || node.KeyAt(n - 1) < bounds.to;
  }

  bool VisitItems(const Node& leaf) {
    for (size_t i = leaf.LowerBound(wanted_.from); i < leaf.count(); ++i) {
      const Key key = leaf.KeyAt(i);
      if (key >= wanted_.to || !visitor_.OnItem(key, leaf.ValueAt(i))) return false;
    }
    return true;
  }

  Result<bool> VisitChildren(const Node& node, const KeyRange& bounds) {
    for (size_t i = 0; i < node.count(); ++i) {
      const KeyRange child{i == 0 ? bounds.from : node.KeyAt(i),
                           i + 1 < node.count() ? node.KeyAt(i + 1) : bounds.to};
      if (child.to <= wanted_.from || !visitor_.Wants(child)) continue;
      if (child.from >= wanted_.to) return false;
      auto entered = Enter(node.ChildAt(i), node.level() - 1, child);
      if (!entered || !*entered) return entered;
    }
    return true;
  }

  NodeTable& nodes_;
  const KeyRange wanted_;
  TreeVisitor& visitor_;
};

}  // namespace

Result<void> WalkTree(NodeTable& nodes, const Pointer& root, const KeyRange& keys,
                      TreeVisitor& visitor) {
  auto done = Walk(nodes, keys, visitor).Enter(root, std::nullopt, AllKeys());
  return done ? Result<void>() : std::move(done).error();
}

}  // namespace chainfs::fs::check

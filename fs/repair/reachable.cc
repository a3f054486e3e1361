// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/reachable.h"

#include "fs/file/extent_codec.h"
#include "fs/name/xattr_codec.h"

namespace chainfs::fs::repair {
namespace {

void CollectOfItem(const Key& key, ByteView value, IdSet& reachable) {
  if (key.kind == ItemKind::kExtent) {
    const auto pieces = DecodePieces(value);
    for (const PieceRef& ref : pieces.value_or(Pieces())) {
      if (!IsLost(ref)) reachable.Insert(ref.pointer.id);
    }
  } else if (key.kind == ItemKind::kXattr) {
    (void)ForEachXattr(value, [&](const XattrEntry& entry) {
      if (entry.in_object) reachable.Insert(entry.pointer().id);
      return true;
    });
  }
}

Result<void> CollectOfNode(NodeTable& nodes, const Node& node, IdSet& reachable) {
  reachable.Insert(node.id());
  for (size_t i = 0; i < node.count(); ++i) {
    if (node.is_leaf()) {
      CollectOfItem(node.KeyAt(i), node.ValueAt(i), reachable);
      continue;
    }
    auto child = nodes.Get(node.ChildAt(i));
    if (!child) return std::move(child).error();
    if (auto below = CollectOfNode(nodes, **child, reachable); !below) return below;
  }
  return {};
}

}  // namespace

Result<void> CollectReachable(Core& core, IdSet& reachable) {
  return CollectOfNode(core.nodes, *core.tree.root(), reachable);
}

}  // namespace chainfs::fs::repair

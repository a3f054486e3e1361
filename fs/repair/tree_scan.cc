// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/tree_scan.h"

#include <algorithm>

namespace chainfs::fs::repair {
namespace {

class Scanner {
 public:
  Scanner(Core& core, const Inventory& inventory, TreeScan& scan)
      : core_(core), inventory_(inventory), scan_(scan) {}

  bool WasReached(ObjectId id) const { return reached_.Contains(id); }

  // Null: there is no sound node behind the pointer, for the reason `fault`.
  NodeRef Open(const Pointer& pointer) {
    if (inventory_.HasFault(pointer.id)) return nullptr;
    auto node = core_.nodes.Get(pointer);
    if (!node) {
      if (node.error().code != ErrorCode::kDamaged) failure_ = node.error();
      return nullptr;
    }
    return (*node)->pointer() == pointer ? *node : nullptr;
  }

  void Walk(const Pointer& pointer, std::optional<int> level, const KeyRange& keys) {
    if (failure_) return;
    // One that is referred to twice has its keys in one place only.
    const bool again = !reached_.Insert(pointer.id);
    const NodeRef node = again ? nullptr : Open(pointer);
    if (!node || (level && node->level() != *level) || !Fits(*node, keys)) {
      scan_.lost.push_back({pointer, keys, level});
      return;
    }
    if (node->is_leaf()) return;
    for (size_t i = 0; i < node->count(); ++i) {
      Walk(node->ChildAt(i), node->level() - 1, KeysOfChild(*node, i, keys));
    }
  }

  // Where the items of a subtree begin. The first key of an inner node stands for everything
  // smaller, too, so the leftmost leaf is asked; if that is lost, the lower bound has to do.
  Key FirstKey(const NodeRef& node) {
    NodeRef at = node;
    while (at && !at->is_leaf()) at = Open(at->ChildAt(0));
    const Key own = node->KeyAt(0);
    return at && at->count() > 0 ? std::min(own, at->KeyAt(0)) : own;
  }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  static bool Fits(const Node& node, const KeyRange& keys) {
    const size_t first = node.is_leaf() ? 0 : 1;
    if (first < node.count() && node.KeyAt(first) < keys.from) return false;
    return node.count() == 0 || node.KeyAt(node.count() - 1) < keys.to;
  }

  static KeyRange KeysOfChild(const Node& node, size_t i, const KeyRange& keys) {
    return {i == 0 ? keys.from : node.KeyAt(i), i + 1 < node.count() ? node.KeyAt(i + 1) : keys.to};
  }

  Core& core_;
  const Inventory& inventory_;
  TreeScan& scan_;
  IdSet reached_;
  std::optional<Error> failure_;
};

// Nodes of this root's tree that the walk has not come to.
struct Unreached {
  std::vector<Head> heads;       // those that open, highest level first
  std::vector<ObjectId> closed;  // the others
};

Result<Unreached> FindUnreached(Core& core, const LedgerFacts& facts, const OldRoot& root,
                                Scanner& scanner) {
  Unreached unreached;
  auto txn = core.store->BeginRead();
  if (!txn) return std::move(txn).error();
  ForEachBirth(*txn, root.record, [&](const ledger::Birth& birth, Sequence) {
    if (birth.type != ObjectType::kNode || !facts.IsLiveAt(birth.id, root)) return;
    if (scanner.WasReached(birth.id)) return;
    const Pointer pointer{birth.id, birth.nonce, kNodeBytes};
    const NodeRef node = scanner.Open(pointer);
    if (!node || node->count() == 0) {
      unreached.closed.push_back(birth.id);
    } else {
      unreached.heads.push_back({pointer, {scanner.FirstKey(node), Key()}, node->level()});
    }
  });
  std::ranges::stable_sort(unreached.heads, std::greater<>(), &Head::level);
  return unreached;
}

Key EndOf(const Head& head, const std::vector<Head>& heads, const std::vector<LostNode>& lost) {
  Key end = AllKeys().to;
  for (const LostNode& node : lost) {
    if (node.keys.Contains(head.keys.from)) end = std::min(end, node.keys.to);
  }
  for (const Head& other : heads) {
    const bool behind = other.level == head.level && other.keys.from > head.keys.from;
    if (behind) end = std::min(end, other.keys.from);
  }
  return end;
}

}  // namespace

KeyRange AllKeys() {
  return {Key(InodeNumber(0), static_cast<ItemKind>(0), 0),
          Key(InodeNumber(UINT64_MAX), static_cast<ItemKind>(0xff), UINT64_MAX)};
}

std::vector<KeyRange> TreeScan::LostItems() const {
  std::vector<KeyRange> ranges;
  for (const LostNode& node : lost) {
    const bool was_leaf = node.level ? *node.level == 0 : heads.empty();
    // What does not open below a lost node may have been a leaf anywhere in it.
    if (was_leaf || unplaced > 0) ranges.push_back(node.keys);
  }
  return ranges;
}

std::vector<ObjectId> TreeScan::LostLeaves() const {
  std::vector<ObjectId> leaves;
  for (const LostNode& node : lost) {
    if (node.level == 0) leaves.push_back(node.pointer.id);
  }
  return leaves;
}

Result<TreeScan> ScanTree(Core& core, const LedgerFacts& facts, const Inventory& inventory,
                          const OldRoot& root) {
  TreeScan scan;
  scan.root = root;
  Scanner scanner(core, inventory, scan);
  scanner.Walk(root.root, std::nullopt, AllKeys());
  if (!scan.lost.empty()) {
    const std::vector<LostNode> lost_from_above = scan.lost;
    auto unreached = FindUnreached(core, facts, root, scanner);
    if (!unreached) return std::move(unreached).error();
    for (Head& head : unreached->heads) {
      if (scanner.WasReached(head.pointer.id)) continue;  // from one above it
      head.keys.to = EndOf(head, unreached->heads, lost_from_above);
      scan.heads.push_back(head);
      scanner.Walk(head.pointer, head.level, head.keys);
    }
    const auto first_key = [](const auto& part) { return part.keys.from; };
    std::ranges::sort(scan.heads, {}, first_key);
    std::ranges::stable_sort(scan.lost, {}, first_key);
    for (const ObjectId id : unreached->closed) scan.unplaced += scanner.WasReached(id) ? 0 : 1;
  }
  if (scanner.failure()) return *scanner.failure();
  return scan;
}

}  // namespace chainfs::fs::repair

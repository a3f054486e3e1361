// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/graft.h"

#include <algorithm>

#include "fs/tree/node_pool.h"

namespace chainfs::fs::repair {
namespace {

struct Child {
  Key key;
  Pointer pointer;
  int level = 0;
};
using Row = std::vector<Child>;

class Grafter {
 public:
  Grafter(Core& core, const LedgerFacts& facts, const TreeScan& scan)
      : core_(core), facts_(facts), scan_(scan), used_(scan.heads.size()) {}

  // What stands in the new tree for the subtree behind a pointer: it or a clone, or what is left of
  // it, at the same level; nothing if nothing is.
  Result<Row> Build(const Pointer& pointer, const Key& separator, const KeyRange& keys) {
    if (const LostNode* lost = FindLost(pointer.id, keys.from)) {
      auto row = Assemble(*lost);
      if (row && !row->empty()) row->front().key = separator;
      return row;
    }
    auto node = core_.nodes.Get(pointer);
    if (!node) return std::move(node).error();
    const int level = (*node)->level();
    const bool stays = facts_.IsLive(pointer.id);
    if (stays && !HasLostWithin(keys)) return Row{{separator, pointer, level}};
    if (level == 0) return Row{{separator, AddNode(core_.open->DrawId(), **node), 0}};
    Row children;
    bool same = stays;
    for (size_t i = 0; i < (*node)->count(); ++i) {
      const KeyRange below{i == 0 ? keys.from : (*node)->KeyAt(i),
                           i + 1 < (*node)->count() ? (*node)->KeyAt(i + 1) : keys.to};
      auto row = Build((*node)->ChildAt(i), (*node)->KeyAt(i), below);
      if (!row) return row;
      same = same && row->size() == 1 && row->front().pointer == (*node)->ChildAt(i);
      children.insert(children.end(), row->begin(), row->end());
    }
    if (same) return Row{{separator, pointer, level}};
    Row packed = Pack(children, level);
    if (!packed.empty()) packed.front().key = separator;
    return packed;
  }

  // As many levels of new nodes on top as it takes to have one root.
  Row Unite(Row row) {
    while (row.size() > 1) {
      const auto highest = std::ranges::max_element(row, {}, &Child::level)->level;
      const int to_level = IsUniform(row) ? highest + 1 : highest;
      row = Raise(std::move(row), to_level);
    }
    return row;
  }

 private:
  const LostNode* FindLost(ObjectId id, const Key& from) const {
    const auto first_key = [](const LostNode& node) { return node.keys.from; };
    auto it = std::ranges::lower_bound(scan_.lost, from, {}, first_key);
    for (; it != scan_.lost.end() && it->keys.from == from; ++it) {
      if (it->pointer.id == id) return &*it;
    }
    return nullptr;
  }

  // A lost node's keys are part of those of every node above it.
  bool HasLostWithin(const KeyRange& keys) const {
    const auto first_key = [](const LostNode& node) { return node.keys.from; };
    const auto it = std::ranges::lower_bound(scan_.lost, keys.from, {}, first_key);
    return it != scan_.lost.end() && it->keys.from < keys.to;
  }

  // The heads that were below a lost node, under new nodes up to its level. Of the root the level
  // is not known: then the highest of them are what there is.
  Result<Row> Assemble(const LostNode& lost) {
    Row row;
    for (size_t i = 0; i < scan_.heads.size(); ++i) {
      const Head& head = scan_.heads[i];
      const bool below =
          lost.keys.Contains(head.keys.from) && (!lost.level || head.level < *lost.level);
      if (!below || used_[i]) continue;
      used_[i] = true;
      auto built = Build(head.pointer, head.keys.from, head.keys);
      if (!built) return built;
      row.insert(row.end(), built->begin(), built->end());
    }
    return lost.level && !row.empty() ? Raise(std::move(row), *lost.level) : row;
  }

  static bool IsUniform(const Row& row) {
    return std::ranges::all_of(row,
                               [&](const Child& child) { return child.level == row[0].level; });
  }

  Row Raise(Row row, int to_level) {
    for (int level = 0; level < to_level; ++level) {
      Row raised, run;
      const auto end_run = [&] {
        const Row packed = Pack(run, level + 1);
        raised.insert(raised.end(), packed.begin(), packed.end());
        run.clear();
      };
      for (const Child& child : row) {
        if (child.level == level) {
          run.push_back(child);
        } else {
          end_run();
          raised.push_back(child);
        }
      }
      end_run();
      row = std::move(raised);
    }
    return row;
  }

  // New nodes of this level that hold the children, each as many as it can.
  Row Pack(const Row& children, int level) {
    Row row;
    std::shared_ptr<Node> node;
    for (const Child& child : children) {
      if (!node || !node->InsertChild(node->count(), child.key, child.pointer)) {
        node = NewNode(level);
        (void)node->InsertChild(0, child.key, child.pointer);
        row.push_back({child.key, PlaceholderOf(*node), level});
      }
    }
    return row;
  }

  NodeRef NewNode(int level) {
    auto node = std::allocate_shared<Node>(NodeAllocator<Node>(), core_.open->DrawId(),
                                           core_.open->generation(), level);
    core_.open->AddNode(node);
    core_.nodes.InsertDirty(node);
    return node;
  }

  Pointer AddNode(ObjectId id, const Node& from) {
    auto node =
        std::allocate_shared<Node>(NodeAllocator<Node>(), id, core_.open->generation(), from);
    core_.open->AddNode(node);
    core_.nodes.InsertDirty(node);
    return PlaceholderOf(*node);
  }

  // The freeze fills in the nonce.
  static Pointer PlaceholderOf(const Node& node) {
    Pointer pointer = node.pointer();
    pointer.length_bytes = kNodeBytes;
    return pointer;
  }

  Core& core_;
  const LedgerFacts& facts_;
  const TreeScan& scan_;
  std::vector<bool> used_;  // by place among the heads
};

}  // namespace

Result<void> GraftTree(Core& core, const LedgerFacts& facts, const TreeScan& scan) {
  RootCounters counters;
  if (auto root = core.nodes.Get(scan.root.root)) counters = (*root)->counters();
  Grafter grafter(core, facts, scan);
  auto built = grafter.Build(scan.root.root, AllKeys().from, AllKeys());
  if (!built) return std::move(built).error();
  const Row row = grafter.Unite(std::move(*built));
  if (row.empty()) {
    core.tree.CreateEmpty(*core.open);
  } else if (auto opened = core.tree.OpenAt(row.front().pointer); !opened) {
    return opened;
  }
  // Another node became the root, or it was made anew.
  if (core.tree.root()->id() != scan.root.root.id) core.tree.SetCounters(*core.open, counters);
  return {};
}

}  // namespace chainfs::fs::repair

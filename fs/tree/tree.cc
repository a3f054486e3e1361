// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/tree/tree.h"

#include <cassert>

#include "fs/tree/node_pool.h"

namespace chainfs::fs {
namespace {

Pointer PlaceholderFor(const Node& child) {
  // A child of the open generation has no nonce yet; the freeze fills it in.
  Pointer pointer = child.pointer();
  pointer.length_bytes = kNodeBytes;
  return pointer;
}

bool SameRun(const Key& a, const Key& b) { return a.inode == b.inode && a.kind == b.kind; }

// Where to split a full leaf into which `key` goes at `at`. Files and directory indexes grow at
// the end of their run of keys, so there the split leaves the left side full.
size_t LeafSplitPoint(const Node& leaf, size_t at, const Key& key) {
  const size_t n = leaf.count();
  if (at == n) return n;
  const bool ends_run = at > 0 && SameRun(leaf.KeyAt(at - 1), key) && !SameRun(leaf.KeyAt(at), key);
  return ends_run && at >= n / 4 ? at : leaf.MiddleByBytes();
}

}  // namespace

Result<void> Cursor::Next() {
  ++path_.back().index;
  return SkipToItem();
}

Result<void> Cursor::SkipToItem() {
  while (!path_.empty()) {
    Step& top = path_.back();
    if (top.index >= top.node->count()) {
      path_.pop_back();
      if (!path_.empty()) ++path_.back().index;
    } else if (top.node->is_leaf()) {
      return {};
    } else {
      auto child = table_->Get(top.node->ChildAt(top.index));
      if (!child) return std::move(child).error();
      if ((*child)->level() != top.node->level() - 1) return ErrorCode::kDamaged;
      path_.push_back({std::move(*child), 0});
    }
  }
  return {};
}

void Tree::CreateEmpty(OpenSet& open) { root_ = NewNode(open, 0); }

Result<void> Tree::OpenAt(const Pointer& root) {
  auto node = table_.Get(root);
  if (!node) return std::move(node).error();
  root_ = std::move(*node);
  return {};
}

Result<std::vector<Tree::Step>> Tree::Descend(const Key& key) const {
  std::vector<Step> path;
  path.reserve(static_cast<size_t>(root_->level()) + 1);
  NodeRef node = root_;
  while (!node->is_leaf()) {
    const size_t i = node->ChildFor(key);
    auto child = table_.Get(node->ChildAt(i));
    if (!child) return std::move(child).error();
    if ((*child)->level() != node->level() - 1) return ErrorCode::kDamaged;
    path.push_back({std::move(node), i});
    node = std::move(*child);
  }
  const size_t i = node->LowerBound(key);
  path.push_back({std::move(node), i});
  return path;
}

Result<Item> Tree::Find(const Key& key) const {
  NodeRef node = root_;
  while (!node->is_leaf()) {
    auto child = table_.Get(node->ChildAt(node->ChildFor(key)));
    if (!child) return std::move(child).error();
    if ((*child)->level() != node->level() - 1) return ErrorCode::kDamaged;
    node = std::move(*child);
  }
  const size_t i = node->LowerBound(key);
  if (i >= node->count() || node->KeyAt(i) != key) return ErrorCode::kNotFound;
  const ByteView value = node->ValueAt(i);
  return Item{std::move(node), value};
}

Result<Cursor> Tree::Seek(const Key& key) const {
  auto path = Descend(key);
  if (!path) return std::move(path).error();
  Cursor cursor(table_);
  for (Step& step : *path) cursor.path_.push_back({std::move(step.node), step.index});
  if (auto at_item = cursor.SkipToItem(); !at_item) return std::move(at_item).error();
  return cursor;
}

Result<Cursor> Tree::SeekLast(const Key& key) const {
  auto path = Descend(key);
  if (!path) return std::move(path).error();
  Cursor cursor(table_);
  for (Step& step : *path) cursor.path_.push_back({std::move(step.node), step.index});
  auto& steps = cursor.path_;
  const Cursor::Step& leaf = steps.back();
  if (leaf.index < leaf.node->count() && leaf.node->KeyAt(leaf.index) == key) return cursor;
  while (!steps.empty() && steps.back().index == 0) steps.pop_back();
  if (steps.empty()) return cursor;
  --steps.back().index;
  while (!steps.back().node->is_leaf()) {
    const Cursor::Step& top = steps.back();
    auto child = table_.Get(top.node->ChildAt(top.index));
    if (!child) return std::move(child).error();
    if ((*child)->level() != top.node->level() - 1 || (*child)->count() == 0) {
      return ErrorCode::kDamaged;
    }
    const size_t last = (*child)->count() - 1;
    steps.push_back({std::move(*child), last});
  }
  return cursor;
}

NodeRef Tree::NewNode(OpenSet& open, int level) {
  auto node =
      std::allocate_shared<Node>(NodeAllocator<Node>(), open.DrawId(), open.generation(), level);
  open.AddNode(node);
  table_.InsertDirty(node);
  return node;
}

void Tree::Retire(OpenSet& open, const NodeRef& node) {
  if (node->generation() == open.generation()) {
    open.RetireNode(*node);
  } else {
    open.AddDeath(node->pointer());
  }
  table_.Erase(node->id());
}

NodeRef Tree::MakeWritable(OpenSet& open, const NodeRef& node) {
  if (node->generation() == open.generation()) return node;
  auto clone =
      std::allocate_shared<Node>(NodeAllocator<Node>(), open.DrawId(), open.generation(), *node);
  open.AddNode(clone);
  table_.InsertDirty(clone);
  Retire(open, node);
  return clone;
}

void Tree::MakeWritable(OpenSet& open, std::vector<Step>& path) {
  for (size_t depth = 0; depth < path.size(); ++depth) {
    NodeRef writable = MakeWritable(open, path[depth].node);
    if (writable == path[depth].node) continue;
    if (depth == 0) {
      root_ = writable;
    } else {
      path[depth - 1].node->SetChildAt(path[depth - 1].index, PlaceholderFor(*writable));
    }
    path[depth].node = std::move(writable);
  }
}

Result<void> Tree::Put(OpenSet& open, const Key& key, ByteView value) {
  for (;;) {
    auto path = Descend(key);
    if (!path) return std::move(path).error();
    MakeWritable(open, *path);
    // A first child's key may be larger than what it holds; keep it a lower bound, so that a split
    // of that child stays in order.
    for (size_t depth = 0; depth + 1 < path->size(); ++depth) {
      Step& step = (*path)[depth];
      if (step.index == 0 && key < step.node->KeyAt(0)) step.node->SetKeyAt(0, key);
    }
    Node& leaf = *path->back().node;
    const size_t at = path->back().index;
    const bool exists = at < leaf.count() && leaf.KeyAt(at) == key;
    if (exists ? leaf.ReplaceValue(at, value) : leaf.InsertItem(at, key, value)) return {};
    if (SplitFullInnerNode(open, *path)) continue;
    const size_t from = exists ? leaf.MiddleByBytes() : LeafSplitPoint(leaf, at, key);
    Split(open, *path, path->size() - 1, from, key);
  }
}

bool Tree::SplitFullInnerNode(OpenSet& open, std::vector<Step>& path) {
  constexpr size_t kChildBytes = kKeyBytes + kPointerBytes + 2;
  for (size_t depth = 0; depth + 1 < path.size(); ++depth) {
    Node& node = *path[depth].node;
    if (node.UsedBytes() + kChildBytes <= Node::kCapacity) continue;
    const bool at_end = path[depth].index + 1 == node.count();
    const size_t from = at_end ? node.count() - 1 : node.MiddleByBytes();
    Split(open, path, depth, from, node.KeyAt(from));
    return true;
  }
  return false;
}

void Tree::Split(OpenSet& open, std::vector<Step>& path, size_t depth, size_t from,
                 const Key& new_key) {
  NodeRef left = path[depth].node;
  const Key separator = from < left->count() ? left->KeyAt(from) : new_key;
  NodeRef right = NewNode(open, left->level());
  left->MoveTailTo(*right, from);
  NodeRef parent;
  size_t index = 0;
  if (depth == 0) {
    parent = NewNode(open, left->level() + 1);
    parent->SetCounters(left->counters());
    left->SetCounters({});
    const Key lowest = left->count() > 0 ? left->KeyAt(0) : Key{};
    const bool inserted = parent->InsertChild(0, lowest, PlaceholderFor(*left));
    assert(inserted);
    (void)inserted;
    root_ = parent;
  } else {
    parent = path[depth - 1].node;
    index = path[depth - 1].index;
  }
  const bool inserted = parent->InsertChild(index + 1, separator, PlaceholderFor(*right));
  assert(inserted);
  (void)inserted;
}

Result<void> Tree::Erase(OpenSet& open, const Key& key) {
  auto path = Descend(key);
  if (!path) return std::move(path).error();
  const Step& at = path->back();
  if (at.index >= at.node->count() || at.node->KeyAt(at.index) != key) return ErrorCode::kNotFound;
  MakeWritable(open, *path);
  path->back().node->EraseAt(path->back().index);
  Shrink(open, *path);
  return {};
}

void Tree::Shrink(OpenSet& open, std::vector<Step>& path) {
  for (size_t depth = path.size() - 1; depth > 0; --depth) {
    Node& node = *path[depth].node;
    Node& parent = *path[depth - 1].node;
    const size_t index = path[depth - 1].index;
    if (node.count() == 0) {
      Retire(open, path[depth].node);
      parent.EraseAt(index);
    } else if (node.UsedBytes() < Node::kCapacity / 4) {
      const bool merged = (index > 0 && TryMerge(open, parent, index - 1)) ||
                          (index + 1 < parent.count() && TryMerge(open, parent, index));
      if (!merged) break;
    } else {
      break;
    }
  }
  LowerRoot(open);
}

bool Tree::TryMerge(OpenSet& open, Node& parent, size_t left_index) {
  auto left = table_.Get(parent.ChildAt(left_index));
  auto right = table_.Get(parent.ChildAt(left_index + 1));
  // A neighbour that cannot be read is no reason to fail an erase that has been done.
  if (!left || !right || (*left)->level() != (*right)->level()) return false;
  // Leave some room, or the next insert would split again.
  if ((*left)->UsedBytes() + (*right)->UsedBytes() > Node::kCapacity * 7 / 8) return false;
  NodeRef into = MakeWritable(open, *left);
  NodeRef from = MakeWritable(open, *right);
  // Among inner nodes, the separator says what the right one's first child may hold.
  if (!from->is_leaf()) from->SetKeyAt(0, parent.KeyAt(left_index + 1));
  // The cells come to lie behind those of `into`: split backwards.
  from->MoveTailTo(*into, 0);
  Retire(open, from);
  parent.SetChildAt(left_index, PlaceholderFor(*into));
  parent.EraseAt(left_index + 1);
  return true;
}

void Tree::LowerRoot(OpenSet& open) {
  while (!root_->is_leaf() && root_->count() <= 1) {
    const RootCounters counters = root_->counters();
    NodeRef heir;
    if (root_->count() == 0) {
      heir = NewNode(open, 0);
    } else {
      auto child = table_.Get(root_->ChildAt(0));
      if (!child) return;
      heir = MakeWritable(open, *child);
    }
    Retire(open, root_);
    root_ = std::move(heir);
    root_->SetCounters(counters);
  }
}

void Tree::SetCounters(OpenSet& open, const RootCounters& counters) {
  root_ = MakeWritable(open, root_);
  root_->SetCounters(counters);
}

}  // namespace chainfs::fs

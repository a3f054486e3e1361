// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/tree/node_table.h"

#include <algorithm>

namespace chainfs::fs {
namespace {
constexpr size_t kBytesPerNode = sizeof(Node) + 128;  // with its map entry and clock place
}

NodeTable::NodeTable(const store::Store& store, const crypto::ObjectSealer& sealer,
                     size_t limit_bytes)
    : store_(store),
      sealer_(sealer),
      limit_per_shard_(std::max<size_t>(limit_bytes / kBytesPerNode / kShards, 4)) {}

NodeRef NodeTable::FindInMemory(ObjectId id) {
  Shard& shard = ShardOf(id);
  std::lock_guard lock(shard.mutex);
  auto it = shard.nodes.find(id);
  if (it == shard.nodes.end()) return nullptr;
  it->second->referenced.store(true, std::memory_order_relaxed);
  return it->second;
}

Result<NodeRef> NodeTable::Get(const Pointer& pointer) {
  if (NodeRef node = FindInMemory(pointer.id)) return node;
  auto loaded = Load(pointer);
  if (!loaded) return loaded;
  Shard& shard = ShardOf(pointer.id);
  std::lock_guard lock(shard.mutex);
  auto [it, inserted] = shard.nodes.try_emplace(pointer.id, *loaded);
  if (inserted) AddClean(shard, it->second);
  return it->second;
}

Result<NodeRef> NodeTable::Load(const Pointer& pointer) {
  if (pointer.length_bytes != kNodeBytes) return ErrorCode::kDamaged;
  auto txn = store_.BeginRead();
  if (!txn) return std::move(txn).error();
  auto sealed = txn->FindObject(pointer.id);
  if (!sealed) return ErrorCode::kDamaged;
  auto node = std::make_shared<Node>(pointer);
  if (!sealer_.Open(ObjectType::kNode, pointer, *sealed, node->plaintext()) || !node->Validate()) {
    return ErrorCode::kDamaged;
  }
  return node;
}

void NodeTable::InsertDirty(const NodeRef& node) {
  Shard& shard = ShardOf(node->id());
  std::lock_guard lock(shard.mutex);
  shard.nodes.emplace(node->id(), node);
}

void NodeTable::MarkClean(const NodeRef& node) {
  Shard& shard = ShardOf(node->id());
  std::lock_guard lock(shard.mutex);
  // It may have left the tree, and the table, while its commit was under way.
  if (shard.nodes.contains(node->id())) AddClean(shard, node);
}

void NodeTable::AddClean(Shard& shard, const NodeRef& node) {
  shard.clock.push_back(node);
  // A second chance for what was used since the hand last came by; twice round at the most.
  for (size_t turns = 2 * shard.clock.size(); shard.clock.size() > limit_per_shard_ && turns > 0;
       --turns) {
    NodeRef candidate = std::move(shard.clock.front());
    shard.clock.pop_front();
    auto it = shard.nodes.find(candidate->id());
    if (it == shard.nodes.end()) continue;  // erased
    const bool used = candidate->referenced.exchange(false, std::memory_order_relaxed);
    if (used || candidate == node) {
      shard.clock.push_back(std::move(candidate));
    } else {
      shard.nodes.erase(it);
    }
  }
}

void NodeTable::Erase(ObjectId id) {
  Shard& shard = ShardOf(id);
  std::lock_guard lock(shard.mutex);
  shard.nodes.erase(id);
}

size_t NodeTable::clean_bytes() const {
  size_t nodes = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    nodes += shard.clock.size();
  }
  return nodes * kBytesPerNode;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/tree/node_table.h"

#include <algorithm>

#include "fs/open_object.h"
#include "fs/tree/node_pool.h"

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
  it->second.node->referenced.store(true, std::memory_order_relaxed);
  return it->second.node;
}

Result<NodeRef> NodeTable::Get(const Pointer& pointer) {
  if (NodeRef node = FindInMemory(pointer.id)) return node;
  auto loaded = Load(pointer);
  if (!loaded) return loaded;
  Shard& shard = ShardOf(pointer.id);
  std::lock_guard lock(shard.mutex);
  auto [it, inserted] = shard.nodes.try_emplace(pointer.id, Entry{*loaded, {}, false});
  if (inserted) AddClean(shard, it->second);
  return *loaded;
}

Result<NodeRef> NodeTable::Load(const Pointer& pointer) {
  if (pointer.length_bytes != kNodeBytes) return ErrorCode::kDamaged;
  auto txn = store_.BeginRead();
  if (!txn) return std::move(txn).error();
  auto node = std::allocate_shared<Node>(NodeAllocator<Node>(), pointer);
  const auto opened = OpenObject(*txn, sealer_, ObjectType::kNode, pointer, node->plaintext());
  if (!opened && opened.error().code == ErrorCode::kIo) return opened.error();
  if (!opened || !node->Validate()) return ErrorCode::kDamaged;
  return node;
}

void NodeTable::InsertDirty(const NodeRef& node) {
  Shard& shard = ShardOf(node->id());
  std::lock_guard lock(shard.mutex);
  shard.nodes.emplace(node->id(), Entry{node, {}, false});
  Evict(shard, node->id());
}

void NodeTable::MarkClean(const NodeRef& node) {
  Shard& shard = ShardOf(node->id());
  std::lock_guard lock(shard.mutex);
  // It may have left the tree, and the table, while its commit was under way.
  auto it = shard.nodes.find(node->id());
  if (it != shard.nodes.end()) AddClean(shard, it->second);
}

void NodeTable::AddClean(Shard& shard, Entry& entry) {
  const ObjectId id = entry.node->id();
  entry.clean = true;
  entry.place = shard.clock.insert(shard.clock.end(), id);
  Evict(shard, id);
}

void NodeTable::Evict(Shard& shard, ObjectId newcomer) {
  // Dirty nodes count against the limit, but a quarter of it is always there for clean ones.
  const size_t dirty = shard.nodes.size() - shard.clock.size();
  const size_t most_clean =
      std::max(limit_per_shard_ - std::min(limit_per_shard_, dirty), limit_per_shard_ / 4);
  // A second chance for what was used since the hand last came by; twice round at the most.
  for (size_t turns = 2 * shard.clock.size(); shard.clock.size() > most_clean && turns > 0;
       --turns) {
    auto it = shard.nodes.find(shard.clock.front());
    Entry& entry = it->second;
    const bool used = entry.node->referenced.exchange(false, std::memory_order_relaxed);
    if (used || it->first == newcomer) {
      shard.clock.splice(shard.clock.end(), shard.clock, entry.place);
    } else {
      shard.clock.pop_front();
      shard.nodes.erase(it);
    }
  }
}

void NodeTable::Erase(ObjectId id) {
  Shard& shard = ShardOf(id);
  std::lock_guard lock(shard.mutex);
  auto it = shard.nodes.find(id);
  if (it == shard.nodes.end()) return;
  if (it->second.clean) shard.clock.erase(it->second.place);
  shard.nodes.erase(it);
}

size_t NodeTable::bytes() const {
  size_t nodes = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    nodes += shard.nodes.size();
  }
  return nodes * kBytesPerNode;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Every tree node in memory, by id: dirty ones, which stay, and a cache of sealed ones; together
// within a limit, as far as the dirty ones leave room.
#pragma once

#include <array>
#include <list>
#include <mutex>
#include <unordered_map>

#include "crypto/base/result.h"
#include "crypto/sealing.h"
#include "fs/store/store.h"
#include "fs/tree/node.h"

namespace chainfs::fs {

// Thread-safe. Nodes that somebody holds stay alive after eviction; they only stop being found.
class NodeTable {
 public:
  // `store` and `sealer` must outlive the table.
  NodeTable(const store::Store& store, const crypto::ObjectSealer& sealer, size_t limit_bytes);

  // The node that `pointer` names: from memory, else opened from the store.
  // kDamaged: it is missing, not authentic, or not a sound node.
  Result<NodeRef> Get(const Pointer& pointer);

  // Adds a node of the open generation; it stays until MarkClean or Erase.
  void InsertDirty(const NodeRef& node);
  // The node has been committed: it may be evicted from now on.
  void MarkClean(const NodeRef& node);
  void Erase(ObjectId id);

  size_t bytes() const;

 private:
  struct Entry {
    NodeRef node;
    std::list<ObjectId>::iterator place;  // in the clock, if clean
    bool clean = false;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<ObjectId, Entry> nodes;
    std::list<ObjectId> clock;  // the clean ones, in the order in which the hand meets them
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(ObjectId id) { return shards_[std::hash<ObjectId>{}(id) % kShards]; }
  NodeRef FindInMemory(ObjectId id);
  Result<NodeRef> Load(const Pointer& pointer);
  // REQUIRES (both): the shard's mutex held. `newcomer` stays.
  void AddClean(Shard& shard, Entry& entry);
  void Evict(Shard& shard, ObjectId newcomer);

  const store::Store& store_;
  const crypto::ObjectSealer& sealer_;
  const size_t limit_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace chainfs::fs

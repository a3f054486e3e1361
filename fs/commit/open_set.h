// SPDX-License-Identifier: GPL-3.0-or-later
// The open generation: what was born and what died since the last freeze.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fs/commit/pending_object.h"
#include "fs/tree/node.h"
#include "ledger/commit_lists.h"

namespace chainfs::fs {

// Threads: everything under the tree lock; exclusive to change it, shared to look.
class OpenSet {
 public:
  OpenSet(uint64_t generation, ObjectId next_id)
      : generation_(generation), first_id_(next_id), next_id_(next_id) {}

  uint64_t generation() const { return generation_; }
  // Ids are drawn here, under the exclusive lock that also publishes the object: so every id of a
  // frozen set is smaller than every id of the open one.
  ObjectId DrawId() { return ObjectId(next_id_.value++); }
  ObjectId first_id() const { return first_id_; }
  ObjectId next_id() const { return next_id_; }
  bool IsOpen(ObjectId id) const { return id >= first_id_; }

  void AddNode(NodeRef node) {
    ++live_nodes_;
    node->place_in_set = nodes_.size();
    nodes_.push_back(std::move(node));
  }
  // For a node of this generation: it was never born, and its memory is free again. The table of
  // nodes forgets it separately.
  void RetireNode(const Node& node) {
    nodes_[node.place_in_set].reset();
    --live_nodes_;
  }

  void AddObject(std::shared_ptr<PendingObject> object) {
    const ObjectId id = object->id();
    objects_.emplace(id, std::move(object));
  }
  // A piece or xattr value of this generation leaves the tree: it was never born.
  void DropObject(ObjectId id) { objects_.erase(id); }
  PendingObject* FindObject(ObjectId id) const {
    auto it = objects_.find(id);
    return it == objects_.end() ? nullptr : it->second.get();
  }
  std::shared_ptr<PendingObject> FindShared(ObjectId id) const {
    auto it = objects_.find(id);
    return it == objects_.end() ? nullptr : it->second;
  }

  // An object of an earlier generation leaves the tree.
  void AddDeath(const Pointer& pointer) {
    deaths_.push_back({pointer.id, static_cast<uint32_t>(SealedBytes(pointer.length_bytes))});
    death_bytes_ += deaths_.back().sealed_bytes;
  }

  // The inode's state changed: an fsync of it needs this generation's commit.
  void Touch(InodeNumber inode) { touched_.insert(inode); }
  bool IsTouched(InodeNumber inode) const { return touched_.contains(inode); }

  bool empty() const { return live_nodes_ == 0; }

  // What committing this set will write, roughly: nodes, and data with each object's LMDB page; and
  // what takes memory beside it, or removing a huge file would make endless lists.
  void AddDataBytes(ptrdiff_t bytes) { data_bytes_ += bytes; }
  size_t dirty_bytes() const {
    return live_nodes_ * (kNodeBytes + 48 + 128) + data_bytes_ +
           (deaths_.size() + touched_.size()) * kBytesPerEntry;
  }

  // By how much committing this set changes the sealed bytes that are in the tree: at most, since
  // data counts with its LMDB page here, too.
  int64_t growth_bytes() const {
    return static_cast<int64_t>(live_nodes_ * SealedBytes(kNodeBytes) + data_bytes_) -
           static_cast<int64_t>(death_bytes_);
  }

  std::vector<NodeRef>& nodes() { return nodes_; }  // null: retired
  std::unordered_map<ObjectId, std::shared_ptr<PendingObject>>& objects() { return objects_; }
  std::unordered_set<InodeNumber>& touched() { return touched_; }
  std::vector<ledger::Death>& deaths() { return deaths_; }

 private:
  static constexpr size_t kBytesPerEntry = 48;  // of the list of deaths, or the set of inodes

  const uint64_t generation_;
  const ObjectId first_id_;
  ObjectId next_id_;
  size_t live_nodes_ = 0;
  size_t data_bytes_ = 0;
  uint64_t death_bytes_ = 0;
  std::vector<NodeRef> nodes_;
  std::unordered_map<ObjectId, std::shared_ptr<PendingObject>> objects_;
  std::vector<ledger::Death> deaths_;
  std::unordered_set<InodeNumber> touched_;
};

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// The state that every operation of a volume shares, and the two ways to get at the tree:
// ReadView (shared) and Change (exclusive).
//
// Lock order: inode lock(s), by stripe -> tree lock -> everything else (node table shards, lookup
// counts, block pool, engine mutex), of which at most one at a time.
//
// Nobody waits for dirty memory or for a commit while holding the tree lock: Change::Begin waits
// before it takes it. A multi-step operation is one Change, so a freeze sees all of it or nothing.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "crypto/name_hash.h"
#include "crypto/sealing.h"
#include "fs/commit/engine.h"
#include "fs/commit/frozen_set.h"
#include "fs/commit/open_set.h"
#include "fs/commit/size_limit.h"
#include "fs/file/block_pool.h"
#include "fs/inode_locks.h"
#include "fs/lookup_counts.h"
#include "fs/store/store.h"
#include "fs/tree/tree.h"
#include "fs/tree_mutex.h"
#include "fs/volume.h"

namespace chainfs::fs {

struct Core {
  Core(std::unique_ptr<store::Store> store_in, crypto::ObjectSealer sealer_in,
       crypto::NameHasher hasher_in, const VolumeOptions& options_in);

  const VolumeOptions options;
  const std::unique_ptr<store::Store> store;
  const crypto::ObjectSealer sealer;
  const crypto::NameHasher hasher;

  // Of the inodes that are made from now on. A number is never used again, but by who goes on from
  // an older state: after a crash what was not committed is forgotten, and so is its number. A
  // handle to what had it must not open the new inode, so each session has a generation of its own.
  const uint32_t inode_generation;

  BlockPool blocks;  // thread-safe; outlives the pieces in the sets below

  TreeMutex tree_mutex;
  NodeTable nodes;                          // thread-safe
  Tree tree;                                // under tree_mutex
  std::unique_ptr<OpenSet> open;            // under tree_mutex
  std::shared_ptr<const FrozenSet> frozen;  // under tree_mutex; null: none

  SizeLimit limit;                       // thread-safe
  LookupCounts lookups;                  // thread-safe
  InodeLocks inode_locks;                // thread-safe
  std::unique_ptr<CommitEngine> engine;  // thread-safe; null in a read-only volume
};

// The tree as it is, under the shared lock. Keep it short: changes and freezes wait.
class ReadView {
 public:
  explicit ReadView(Core& core) : core_(core), lock_(core.tree_mutex) {}
  const Tree& tree() const { return core_.tree; }
  Result<Item> Find(const Key& key) const { return core_.tree.Find(key); }
  Result<Cursor> Seek(const Key& key) const { return core_.tree.Seek(key); }
  // A piece or xattr value that has no sealed blob in the store yet; null: it is in the store.
  std::shared_ptr<const PendingObject> FindPending(ObjectId id) const;

 private:
  Core& core_;
  std::shared_lock<TreeMutex> lock_;
};

// What an operation needs of the disk. Shrinking ones may use the reserve that is kept for them.
enum class SpaceNeed { kGrow, kShrink };

// One operation's exclusive hold of the tree. All that it does goes into one commit; if an
// exception ends it, the volume is read-only from then on, since half an operation must not be
// committed.
class Change {
 public:
  // Waits until there is room for dirty memory, then takes the lock. `growth_bytes` is the file
  // data that the operation adds. kReadOnly; kNoSpace (kGrow on a full disk, or at the volume's
  // size limit).
  // `promised`: fallocate has set the space aside.
  static Result<Change> Begin(Core& core, SpaceNeed need, size_t growth_bytes = 0,
                              bool promised = false);
  // For repairs: a change of a volume that has no engine. Nobody is asked for room, and what
  // becomes of the open set is the caller's business.
  static Change BeginAlone(Core& core) { return Change(core, std::unique_lock(core.tree_mutex)); }

  const Tree& tree() const { return core_->tree; }
  Result<Item> Find(const Key& key) const { return core_->tree.Find(key); }
  Result<Cursor> Seek(const Key& key) const { return core_->tree.Seek(key); }
  Result<void> Put(const Key& key, ByteView value) {
    return core_->tree.Put(*core_->open, key, value);
  }
  Result<void> Erase(const Key& key) { return core_->tree.Erase(*core_->open, key); }
  RootCounters counters() const { return core_->tree.counters(); }
  void SetCounters(const RootCounters& counters) {
    core_->tree.SetCounters(*core_->open, counters);
  }
  // Marks that an fsync of `inode` must wait for this generation. Every change of an inode, of its
  // data or of a directory's entries says so.
  void Touch(InodeNumber inode) { core_->open->Touch(inode); }
  // Adds a new piece or xattr value; make<T>(id, generation) builds it.
  template <class T, class... Args>
  std::shared_ptr<T> NewObject(Args&&... args) {
    auto object = std::make_shared<T>(core_->open->DrawId(), core_->open->generation(),
                                      std::forward<Args>(args)...);
    core_->open->AddObject(object);
    return object;
  }
  // A piece or xattr value leaves the tree. REQUIRES: no item refers to it afterwards.
  void RetireObject(const Pointer& pointer);
  // An object of the open generation, which may be changed; null: not one of those.
  std::shared_ptr<PendingObject> FindOpen(ObjectId id) const;
  bool IsOpen(ObjectId id) const { return core_->open->IsOpen(id); }
  // Says how much data the operation added to (or took from) what the next commit writes.
  void AddDataBytes(ptrdiff_t bytes) { core_->open->AddDataBytes(bytes); }

  Change(Change&&) = default;
  Change& operator=(Change&&) = delete;
  ~Change();

 private:
  Change(Core& core, std::unique_lock<TreeMutex> lock) : core_(&core), lock_(std::move(lock)) {}
  Core* core_;
  std::unique_lock<TreeMutex> lock_;
  const int exceptions_ = std::uncaught_exceptions();  // in flight as it began
};

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the objects that a tree refers to, to see whether they can be: in parallel, with the
// results in the order in which they were asked for.
//
// Each thread takes 32 objects at a time, in a read transaction of its own. Bounded: so many are on
// their way that no thread waits, and Submit waits for the rest.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "crypto/sealing.h"
#include "fs/file/extent_codec.h"
#include "fs/store/store.h"

namespace chainfs::fs::check {

// One object, and whose it is.
struct ObjectTask {
  ObjectType type = ObjectType::kData;
  PieceRef piece;  // of an xattr value only the pointer
  InodeNumber inode;
  RegionIndex region;      // of a data piece
  uint64_t file_size = 0;  // UINT64_MAX: not known
  std::string name;        // of an xattr
  bool wants_content = false;
  // Bytes [zero_from, zero_to) of the plaintext should be zero.
  uint32_t zero_from = 0, zero_to = 0;
};

enum class ObjectState {
  kSound,
  kMissing,
  kNotGenuine,
  kDiskError,
  kNotZero,
  kNotRead,  // the store failed: nothing is known
};

struct ObjectResult {
  ObjectState state = ObjectState::kNotRead;
  Bytes content;  // where it was wanted, and is sound
  BlockMask damaged =
      0;  // of a piece that is missing or not genuine: its live blocks that cannot be read
};

// Used by one thread, which is also the one that the handler is called on.
class ObjectOpener {
 public:
  using Handler = std::function<void(const ObjectTask&, const ObjectResult&)>;

  // `store` and `sealer` must outlive it. Where no thread can be started it does with fewer, or
  // none.
  ObjectOpener(const store::Store& store, const crypto::ObjectSealer& sealer, unsigned threads,
               Handler handler);
  ~ObjectOpener();  // forgets what is not finished
  ObjectOpener(const ObjectOpener&) = delete;

  // REQUIRES: piece.pointer.length_bytes is bounded, zero_to at most that.
  void Submit(ObjectTask task);
  // Returns when the handler has had all results.
  void Finish();

 private:
  struct Batch {
    std::vector<ObjectTask> tasks;
    std::vector<ObjectResult> results;
    bool done = false;  // under mutex_
  };
  void Work();
  void Open(Batch& batch) const;
  ObjectResult Open(const store::ReadTxn& txn, const ObjectTask& task, Bytes& plaintext) const;
  void Send();
  void HandleOldest();

  const store::Store& store_;
  const crypto::ObjectSealer& sealer_;
  const Handler handler_;
  std::unique_ptr<Batch> filling_;

  std::mutex mutex_;
  std::condition_variable work_, done_;
  std::deque<std::shared_ptr<Batch>> under_way_;  // oldest first
  std::deque<std::shared_ptr<Batch>> to_open_;    // those of them that no thread has yet
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// Opened pieces that were read in part: the next read of a neighbouring block need not open the
// whole piece again. Bounded, least recently used goes first. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "crypto/base/types.h"

namespace chainfs::fs {

class PieceCache {
 public:
  explicit PieceCache(size_t limit_bytes) : limit_(limit_bytes) {}

  std::shared_ptr<const Bytes> Find(ObjectId id);  // null: not here
  void Insert(ObjectId id, std::shared_ptr<const Bytes> plaintext);
  void Erase(ObjectId id);
  size_t bytes() const;

 private:
  struct Entry {
    ObjectId id;
    std::shared_ptr<const Bytes> plaintext;
  };
  void EraseLocked(ObjectId id);

  const size_t limit_;
  mutable std::mutex mutex_;
  size_t bytes_ = 0;
  std::list<Entry> recent_;  // front: the newest
  std::unordered_map<ObjectId, std::list<Entry>::iterator> by_id_;
};

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Room for the next commits: how much there is, and holding it. Internal to fs/store.
#pragma once

#include <mutex>

#include "fs/store/environment.h"
#include "fs/store/read_pool.h"
#include "fs/store/store.h"

namespace chainfs::fs::store {

// Thread-safe.
class SpaceKeeper {
 public:
  explicit SpaceKeeper(const Environment& environment) : environment_(environment) {}
  // Gives back what is still reserved.
  ~SpaceKeeper();
  SpaceKeeper(const SpaceKeeper&) = delete;

  uint64_t Reserve(uint64_t bytes);  // as Store::Reserve
  SpaceInfo Get(ReadPool& pool);

 private:
  // Extends what is held, to at least `wanted_end` if possible. REQUIRES: mutex_ held.
  void Extend(uint64_t start, uint64_t wanted_end);

  const Environment& environment_;
  std::mutex mutex_;
  uint64_t reserved_end_ = 0;  // offset in the file; what lies between high water and it is held
  bool unsupported_ = false;   // the filesystem has no fallocate
  uint64_t counted_txn_ = 0;   // the transaction that free_page_bytes_ belongs to
  uint64_t free_page_bytes_ = 0;
  uint64_t aging_page_bytes_ = 0;
};

// What the filesystem of `environment` would give us, in bytes; 0 if it does not tell.
uint64_t AvailableBytes(const Environment& environment);

}  // namespace chainfs::fs::store

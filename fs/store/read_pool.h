// SPDX-License-Identifier: GPL-3.0-or-later
// Read transactions that wait for their next use: renewing one costs a fifth of beginning one.
// Internal to fs/store. Thread-safe, lock-free but for LMDB's own beginning of a new one.
#pragma once

#include <array>
#include <atomic>

#include "fs/store/lmdb_handles.h"

namespace chainfs::fs::store {

class ReadPool {
 public:
  explicit ReadPool(MDB_env* env) : env_(env) {}
  ~ReadPool();
  ReadPool(const ReadPool&) = delete;

  // A transaction on the newest state in *txn, or LMDB's error.
  int Take(MDB_txn** txn);
  // Views into it end here.
  void Return(MDB_txn* txn) noexcept;

 private:
  static constexpr unsigned kSlots = 64;
  static constexpr unsigned kProbes = 8;
  struct alignas(64) Slot {  // a cache line each: threads mostly keep to their own
    std::atomic<MDB_txn*> txn{nullptr};
  };

  static unsigned HomeSlot();

  MDB_env* env_;
  std::array<Slot, kSlots> slots_;
};

}  // namespace chainfs::fs::store

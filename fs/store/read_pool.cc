// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/read_pool.h"

namespace chainfs::fs::store {

unsigned ReadPool::HomeSlot() {
  static std::atomic<unsigned> next{0};
  thread_local const unsigned home = next.fetch_add(1, std::memory_order_relaxed);
  return home;
}

ReadPool::~ReadPool() {
  for (Slot& slot : slots_) TransactionHandle idle(slot.txn.load());
}

int ReadPool::Take(MDB_txn** txn) {
  const unsigned home = HomeSlot();
  for (unsigned i = 0; i < kProbes; ++i) {
    Slot& slot = slots_[(home + i) % kSlots];
    if (!slot.txn.load(std::memory_order_relaxed)) continue;
    TransactionHandle idle(slot.txn.exchange(nullptr, std::memory_order_acquire));
    if (!idle) continue;
    if (int rc = mdb_txn_renew(idle.get())) return rc;
    *txn = idle.release();
    return 0;
  }
  int rc = mdb_txn_begin(env_, nullptr, MDB_RDONLY, txn);
  if (rc != MDB_READERS_FULL) return rc;
  int dead = 0;  // killed processes leave their slots taken
  mdb_reader_check(env_, &dead);
  return mdb_txn_begin(env_, nullptr, MDB_RDONLY, txn);
}

void ReadPool::Return(MDB_txn* txn) noexcept {
  mdb_txn_reset(txn);
  const unsigned home = HomeSlot();
  for (unsigned i = 0; i < kProbes; ++i) {
    MDB_txn* expected = nullptr;
    if (slots_[(home + i) % kSlots].txn.compare_exchange_strong(
            expected, txn, std::memory_order_release, std::memory_order_relaxed)) {
      return;
    }
  }
  mdb_txn_abort(txn);
}

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
// A read transaction of LMDB's that keeps a writer from reusing the pages of one state, for those
// who read the file by themselves. LMDB looks at the meta pages and the lock file only. Internal
// to fs/store. One thread at a time.
#pragma once

#include <string>

#include "fs/store/lmdb_handles.h"

namespace chainfs::fs::store {

class PagePin {
 public:
  // Holds the newest state; a pin that is held already is given back first. Returns LMDB's error,
  // 0: held. REQUIRES: the meta pages were found sound; `file_bytes` is the length of the file.
  int Take(const std::string& vault, uint64_t file_bytes);
  void Drop();
  bool held() const { return txn_ != nullptr; }
  // REQUIRES: held().
  uint64_t transaction() const { return mdb_txn_id(txn_.get()); }

 private:
  EnvironmentHandle env_;
  TransactionHandle txn_;  // ends before its environment
};

}  // namespace chainfs::fs::store

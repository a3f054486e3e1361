// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_pin.h"

#include <fcntl.h>

#include <cerrno>

#include "fs/store/environment.h"
#include "fs/store/lock_file.h"

namespace chainfs::fs::store {

int PagePin::Take(const std::string& vault, uint64_t file_bytes) {
  constexpr uint64_t kRoom = 1ull << 30;  // to grow into before the transaction begins
  Drop();
  const Descriptor directory(::open(vault.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int no_lock = AllocateLockFile(directory.get());
  if (no_lock == ENOSPC || no_lock == EDQUOT) return no_lock;
  MDB_env* env = nullptr;
  if (int rc = mdb_env_create(&env)) return rc;
  env_.reset(env);
  int rc = mdb_env_set_mapsize(env, (file_bytes + kRoom) / kRoom * kRoom + kRoom);
  if (!rc) rc = mdb_env_set_maxreaders(env, kMaxReaders);
  if (!rc) rc = mdb_env_open(env, vault.c_str(), MDB_RDONLY | MDB_NOTLS | MDB_NORDAHEAD, 0600);
  MDB_txn* txn = nullptr;
  if (!rc) rc = mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn);
  txn_.reset(txn);
  if (rc) Drop();
  return rc;
}

void PagePin::Drop() {
  txn_.reset();
  env_.reset();
}

}  // namespace chainfs::fs::store

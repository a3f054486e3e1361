// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the LMDB environment of a vault: map size, permissions, length check, tables. Internal to
// fs/store; after Open the members are used directly.
#pragma once

#include <string>

#include "crypto/base/result.h"
#include "fs/store/descriptor.h"
#include "fs/store/lmdb_handles.h"
#include "fs/store/store.h"

namespace chainfs::fs::store {

struct Environment {
  // Errors: as Store::Open.
  static Result<Environment> Open(const std::string& directory, StoreOptions options);

  // LMDB's high-water mark: no page at or past it is in use by the committed state.
  uint64_t HighWaterBytes() const;
  int data_fd() const;

  Descriptor directory;   // the vault
  Descriptor vault_lock;  // shared, only where LMDB's own lock file cannot be used
  uint64_t page_bytes = 0;
  uint64_t map_bytes = 0;
  uint8_t* map = nullptr;  // where it begins; null if that cannot be told
  Tables tables;
  EnvironmentHandle handle;
};

// How much address space to map for a database file of `file_bytes` on a filesystem of
// `filesystem_bytes`: so much that it never has to be changed under readers.
uint64_t ChooseMapBytes(uint64_t filesystem_bytes, uint64_t file_bytes);

}  // namespace chainfs::fs::store

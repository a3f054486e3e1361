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
  // Copies what lies at `mapped` in the map to `out`, of the same size, without touching the map if
  // possible. kIo; kDamaged: it lies past the end of the file; kWouldWait: see
  // DiskRange. Where the filesystem cannot tell, it waits.
  Result<void> ReadMapped(ByteView mapped, MutableByteView out, DiskRange* missing) const;

  Descriptor directory;   // the vault
  Descriptor vault_lock;  // shared, only where LMDB's own lock file cannot be used
  uint64_t page_bytes = 0;
  uint64_t map_bytes = 0;
  uint8_t* map = nullptr;  // where it begins; null if that cannot be told
  Tables tables;
  EnvironmentHandle handle;
};

constexpr char kLockFile[] = "lock.mdb";  // the name is LMDB's

// Read transactions at one time, of all processes. Who opens the lock file first decides.
constexpr unsigned kMaxReaders = 4096;

// Without a lock file LMDB cannot see that somebody writes; the vault's lock can. What is returned
// keeps it shared, and is empty for a vault without one: a copy that nobody has mounted.
// `directory` is the vault, `path` its name for messages. kInUse, kAccessDenied.
Result<Descriptor> ExcludeWriters(int directory, const std::string& path);

// How much address space to map for a database file of `file_bytes` on a filesystem of
// `filesystem_bytes`: so much that it never has to be changed under readers.
uint64_t ChooseMapBytes(uint64_t filesystem_bytes, uint64_t file_bytes);

}  // namespace chainfs::fs::store

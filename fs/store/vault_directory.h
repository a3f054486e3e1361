// SPDX-License-Identifier: GPL-3.0-or-later
// The vault as a directory: its two header copies, its lock, and where it may lie.
#pragma once

#include <memory>
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/types.h"

namespace chainfs::fs::store {

// Fails with kUnsafeFilesystem (message: what it lies on and why LMDB cannot be trusted there) if
// `path`, or its nearest existing parent, is on a network filesystem.
Result<void> CheckFilesystemIsLocal(const std::string& path);

// Makes the directory, 0700, parents included. kExists if it holds anything.
Result<void> CreateVaultDirectory(const std::string& path);

// Both copies, each durably, one after the other: a crash leaves at least one whole copy.
Result<void> WriteHeader(const std::string& vault, ByteView header);

// Reads the copies as they are; an absent or unreadable one is empty. kNotFound: no such
// directory; kNotAVault: the directory has no header; kAccessDenied.
struct HeaderCopies {
  Bytes first, second;
};
Result<HeaderCopies> ReadHeader(const std::string& vault);

// Held for as long as the vault is open for writing; names the holder in the lock file.
// Move-only by unique_ptr; released by destruction or by the process's death.
class VaultLock {
 public:
  // kInUse: the message names the process (pid and command) that holds it.
  static Result<std::unique_ptr<VaultLock>> Acquire(const std::string& vault);
  ~VaultLock();
  // Tells the lock file our new pid (after a fork into the background).
  void UpdateHolder();

 private:
  explicit VaultLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
// The vault as a directory: its two header copies, its lock, and where it may lie.
#pragma once

#include <memory>
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "fs/store/descriptor.h"

namespace chainfs::fs::store {

// Fails with kUnsafeFilesystem (message: what it lies on and why LMDB cannot be trusted there) if
// `path`, or its nearest existing parent, is on a network filesystem.
Result<void> CheckFilesystemIsLocal(const std::string& path);

// Makes the directory, 0700 whatever the umask, and its parents, durably. An empty directory that
// is there already becomes 0700. kExists if it holds anything (but lost+found); kNotDirectory;
// kAccessDenied; kNoSpace; kIo.
Result<void> CreateVaultDirectory(const std::string& path);

// Replaces both copies, each durably, one after the other: a crash leaves two whole copies, of
// which one or both may still be the old one. kNotFound, kAccessDenied, kNoSpace, kIo: the same
// holds.
Result<void> WriteHeader(const std::string& vault, ByteView header);

// Reads the copies as they are; an absent or unreadable one, or one over 1 MiB, is empty.
// kNotFound: no such directory; kNotAVault: the directory has no header; kAccessDenied.
struct HeaderCopies {
  Bytes first, second;
};
Result<HeaderCopies> ReadHeader(const std::string& vault);

// Held for as long as the vault is open for writing; names the holder in the lock file. Survives a
// fork into the background: the lock is gone when no process has it open any more.
class VaultLock {
 public:
  // kInUse: the message names the process (pid and command) that holds it; kNotFound;
  // kAccessDenied; kIo.
  static Result<std::unique_ptr<VaultLock>> Acquire(const std::string& vault);
  ~VaultLock();
  // Tells the lock file our new pid (after a fork into the background).
  void UpdateHolder();

 private:
  explicit VaultLock(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

}  // namespace chainfs::fs::store

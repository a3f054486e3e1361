// SPDX-License-Identifier: GPL-3.0-or-later
// The directory that a ledger is exported into: nothing but `checkpoint` and what is below `tile`.
// Permissions are as the umask has them: what is exported is meant for others.
// One process at a time (a lock on the directory sees to that), one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "fs/store/descriptor.h"

namespace chainfs::fs {

class ExportDirectory {
 public:
  // Makes the directory, and its parents, if it is not there. kExists: it holds something else;
  // kInUse: another export is under way. Those of all: kNotDirectory, kAccessDenied, kNoSpace,
  // kReadOnly, kIo; the message names the path.
  static Result<ExportDirectory> Open(const std::string& path);

  // What an earlier export wrote last; empty: none has come to its end. kExists: it is no file, or
  // too long for a checkpoint.
  Result<std::string> ReadCheckpoint() const;

  // Paths are relative. Whether there is a file of exactly this length.
  bool Has(const std::string& path, size_t bytes) const;
  // Makes folders as needed. Not durable, and not atomic: for files that no checkpoint covers yet.
  Result<void> Write(const std::string& path, ByteView content);
  // Makes all that was written durable, and then, at once and durably, the checkpoint the newest.
  Result<void> Commit(std::string_view checkpoint);
  // Removes the partial versions of a tile. What cannot be removed stays: it does no harm.
  void RemovePartials(const std::string& full_tile) const;

 private:
  ExportDirectory(std::string path, store::Descriptor fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<void> CheckContent() const;

  std::string path_;
  store::Descriptor fd_;  // holds the lock
};

}  // namespace chainfs::fs

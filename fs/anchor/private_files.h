// SPDX-License-Identifier: GPL-3.0-or-later
// Small files of this user alone, each replaced as a whole and durably: directories have mode 0700
// and files 0600 whatever the umask, and after a crash or a kill at any moment a file is the old
// one or the new one.
//
// REQUIRES, of all: paths are absolute. Failures are kNotFound, kAccessDenied, kReadOnly,
// kNotDirectory, kNoSpace, kNoMemory or kIo, with a message that names the path. Thread-safe;
// holders of the same lock exclude each other, threads of one process too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/result.h"
#include "fs/store/descriptor.h"

namespace chainfs::fs::anchor {

// Makes the directory and its parents where they are missing. One of ours that is there is closed
// to others; parents that are there stay as they are.
Result<void> MakePrivateDirectory(const std::string& path);

// Waits while another holds it. The file stays, empty; closing the descriptor gives the lock back,
// and so does the end of the process.
Result<store::Descriptor> LockFile(const std::string& path);

// The whole file; nullopt if there is none. kDamaged (message: why, without the path): no regular
// file, or over `max_bytes`.
Result<std::optional<std::string>> ReadSmallFile(const std::string& path, size_t max_bytes);

// Renames within one filesystem, and syncs the folder of `to`.
Result<void> RenameDurably(const std::string& from, const std::string& to);

// Writes `text` as `temporary`, syncs it, and renames it to `path`, durably. A `temporary` that a
// crash left is replaced; a failure leaves none, and what was at `path` stays or is the new one.
// REQUIRES: a lock excludes every other user of `temporary`; both are on one filesystem.
Result<void> ReplaceFile(const std::string& path, const std::string& temporary,
                         std::string_view text);

}  // namespace chainfs::fs::anchor

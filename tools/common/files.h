// SPDX-License-Identifier: GPL-3.0-or-later
// Small files that a user names, and standard output. Not thread-safe.
#pragma once

#include <string>

#include "crypto/base/types.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

// Reads a file or pipe to its end. kUsage: over `max_bytes`; kNoPermission; kSystem (not there, a
// directory).
Outcome<Bytes> ReadWholeFile(const std::string& path, size_t max_bytes);

// Makes a file that must not be there yet, durably; a failure leaves none. kVaultExists: something
// is there; kNoPermission, kNoSpace, kSystem.
Outcome<void> WriteNewFile(const std::string& path, ByteView content);

// Hands what was printed to the system. kNoSpace, kSystem: it did not all get there.
Outcome<void> FlushOutput();

}  // namespace chainfs::tools

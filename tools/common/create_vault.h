// SPDX-License-Identifier: GPL-3.0-or-later
// Making a vault, all of it or nothing: for mkfs.chainfs and for a mount that offers it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "crypto/secret.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

// How long unlocking is to take here; the cost of a guess to whoever steals the vault.
constexpr uint32_t kUnlockMilliseconds = 500;

// Whether `vault` could be made: it is not there or an empty directory, and on a local filesystem.
// kVaultExists, kUnsafeFilesystem, kNoPermission. Asked before the passphrase is.
Outcome<void> CheckVaultCanBeMade(const std::string& vault);

// Makes the vault, with a limit to its size if one is given, and returns its recovery key. On
// failure, and when a signal that would end the program arrives meanwhile (kInterrupted), nothing
// is left of it. Where anchors are kept its first head is remembered, and that it is meant to be at
// this path; that this was not possible is told on stderr.
Outcome<crypto::SecretBytes> CreateVault(const std::string& vault,
                                         const crypto::SecretBytes& passphrase,
                                         std::optional<uint64_t> max_size = std::nullopt);

// A recovery key with the text that explains it, to stdout.
void PrintRecoveryKey(const std::string& vault, const crypto::SecretBytes& recovery_key);

// Flushes stdout and writes a secret to it, past every buffer that is not wiped.
void WriteSecret(const crypto::SecretBytes& secret);

}  // namespace chainfs::tools

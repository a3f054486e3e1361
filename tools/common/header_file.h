// SPDX-License-Identifier: GPL-3.0-or-later
// A vault's header from its two copies: which one to use, and what unlocks it.
#pragma once

#include <string>

#include "crypto/header.h"
#include "fs/store/vault_directory.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

// A header that parses, and what else is known of the copies.
struct LoadedHeader {
  Bytes bytes;  // the copy to use: the first if it parses (a change is written to it first)
  Bytes other;  // the other copy if it parses too and differs; else empty
  bool needs_repair = false;  // one copy is missing or damaged
  crypto::HeaderInfo info;    // of `bytes`; not authenticated yet
};

// kVaultMissing, kNotAVault, kUnknownFormat, kDamagedHeader (neither copy parses), kNoPermission.
Outcome<LoadedHeader> LoadHeader(const std::string& vault);

// Where both copies parse and differ: takes the one that goes with the database, by the word of the
// newest record, which nobody has verified yet; and leaves the choice as it is if both do, or if
// the database cannot be asked. False: the copy that is not taken is of another volume.
// REQUIRES: no Store of this vault is open in this process; no key is in memory yet.
bool ChooseHeaderOfDatabase(const std::string& vault, LoadedHeader* header);

// Unlocks and verifies. Where the copy to use does not verify, the other is tried and, if it does,
// becomes `header->bytes`. kWrongPassphrase, kDamagedHeader, kSystem (memory for Argon2id).
Outcome<crypto::VolumeSecrets> Unlock(const std::string& vault, LoadedHeader* header,
                                      const crypto::SecretBytes& passphrase);

}  // namespace chainfs::tools

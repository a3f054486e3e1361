// SPDX-License-Identifier: GPL-3.0-or-later
// The vault's signed head, and whose word it is that the signature is the ledger's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fs/check/check.h"
#include "fs/check/report.h"
#include "fs/check/snapshot.h"
#include "ledger/checkpoint.h"

namespace chainfs::fs::check {

struct SignedHead {
  std::optional<ledger::Checkpoint> checkpoint;  // nullopt: there is none, or it does not verify
  std::optional<crypto::PublicKey> key;          // the ledger's; nullopt: nobody knows it
  std::string source;                            // who says so; empty: nobody but the vault itself
};

// Verified under the keys that the caller trusts, or else under the one that `genesis` names
// (nullopt: it is damaged). What does not fit together is reported, but for what `genesis`, which
// may be damaged itself, says otherwise: see CheckGenesisAgainst.
SignedHead OpenSignedHead(const Snapshot& snapshot, const std::optional<ledger::Record>& genesis,
                          const std::vector<TrustedKey>& keys, Report& report);

// REQUIRES: `genesis` is genuine.
void CheckGenesisAgainst(const SignedHead& head, const ledger::Record& genesis, Report& report);

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// The header's two copies against the ledger, which knows the digest of the header. Without the
// key a header's MAC cannot be verified, and its digest is all there is. Pure.
#pragma once

#include <optional>

#include "fs/check/report.h"
#include "fs/store/vault_directory.h"
#include "ledger/record.h"

namespace chainfs::fs::check {

// `genesis_link`: of the records; `newest`: the newest record; nullopt: not to be had.
// `verified`: the header was unlocked.
void CheckHeader(const store::HeaderCopies& copies, const std::optional<Digest>& genesis_link,
                 const std::optional<ledger::Record>& newest, bool verified, Report& report);

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// Opens a vault's database for the commands that need no key.
#pragma once

#include <memory>
#include <string>

#include "fs/history/stored_head.h"
#include "fs/store/store.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

struct OpenVault {
  std::string path;  // canonical
  std::unique_ptr<fs::store::Store> store;
  fs::StoredHead head;  // the ledger's, as it was when the vault was opened
};

// Read-only; works beside a daemon that writes, on a copy, and where neither copy of the header is
// whole. kVaultMissing, kNotAVault, kDamagedVolume, kNoPermission, kVaultInUse (readable, but
// whoever may not write its lock file cannot read along), kSystem. kExplained: from then on a
// crash, which a damaged database can cause, ends the process with kDamagedVolume
// (database_crash.h); for processes that do nothing else.
enum class Crashes { kExplained, kTakeTheirCourse };
Outcome<OpenVault> OpenForReading(const std::string& vault, Crashes crashes);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// What a Volume owns. The order of the members is the reverse order of their destruction.
#pragma once

#include "fs/core.h"
#include "fs/name/orphans.h"
#include "fs/store/vault_directory.h"
#include "fs/volume.h"

namespace chainfs::fs {

struct Volume::Impl {
  Impl(std::string vault_in, const LedgerIdentity& identity_in,
       std::unique_ptr<store::VaultLock> lock_in, std::unique_ptr<Core> core_in)
      : vault(std::move(vault_in)),
        identity(identity_in),
        lock(std::move(lock_in)),
        core(std::move(core_in)),
        orphans(*core) {}

  const std::string vault;  // its directory
  const LedgerIdentity identity;
  const std::unique_ptr<store::VaultLock> lock;  // null when read-only
  const std::unique_ptr<Core> core;
  OrphanReclaimer orphans;
};

}  // namespace chainfs::fs

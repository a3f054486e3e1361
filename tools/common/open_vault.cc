// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/open_vault.h"

#include "fs/store/vault_directory.h"
#include "tools/common/database_crash.h"
#include "tools/common/vault_path.h"

namespace chainfs::tools {

Outcome<OpenVault> OpenForReading(const std::string& vault, Crashes crashes) {
  OpenVault opened;
  opened.path = CanonicalPath(vault);
  // Only to tell a vault from any other directory.
  if (auto header = fs::store::ReadHeader(opened.path); !header) {
    return VaultFailure(header.error(), opened.path);
  }
  if (crashes == Crashes::kExplained) ExplainDatabaseCrashes(opened.path);
  fs::store::StoreOptions options;
  options.read_only = true;
  auto store = fs::store::Store::Open(opened.path, options);
  if (!store) return VaultFailure(store.error(), opened.path);
  opened.store = *std::move(store);
  auto txn = opened.store->BeginRead();
  if (!txn) return VaultFailure(txn.error(), opened.path);
  auto head = fs::ReadStoredHead(*txn);
  if (!head) return VaultFailure(head.error(), opened.path);
  opened.head = *std::move(head);
  return opened;
}

}  // namespace chainfs::tools

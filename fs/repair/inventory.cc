// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/inventory.h"

#include "crypto/base/byte_order.h"
#include "crypto/sha256.h"

namespace chainfs::fs::repair {

Result<Inventory> TakeInventory(const store::ReadTxn& txn, const LedgerFacts& facts) {
  Inventory inventory;
  ForEachBirth(txn, facts.head.newest, [&](const ledger::Birth& birth, Sequence) {
    if (!facts.in_store.Contains(birth.id)) return;
    const auto sealed = txn.FindObject(birth.id);
    if (!sealed) {
      inventory.faults[birth.id] = Fault::kMissing;
    } else if (sealed->size() != birth.sealed_bytes || crypto::Sha256(*sealed) != birth.digest) {
      inventory.faults[birth.id] = Fault::kDamaged;
    }
  });
  auto read = txn.ForEachEntry(store::Table::kObjects, {}, [&](ByteView key, ByteView) {
    const bool known = key.size() == sizeof(uint64_t) &&
                       facts.in_store.Contains(ObjectId(GetBE<uint64_t>(key.data())));
    if (!known) inventory.extra.emplace_back(key.begin(), key.end());
    return true;
  });
  if (!read) return std::move(read).error();
  return inventory;
}

}  // namespace chainfs::fs::repair

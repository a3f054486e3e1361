// SPDX-License-Identifier: GPL-3.0-or-later
// The store against the ledger: which objects are not what their birth rows say, and which are in
// no list. Reads and digests every object. Plain values once taken; one thread.
#pragma once

#include "fs/repair/ledger_facts.h"

namespace chainfs::fs::repair {

enum class Fault { kMissing, kDamaged };

struct Inventory {
  std::unordered_map<ObjectId, Fault> faults;  // of objects that should be in the store
  std::vector<Bytes> extra;                    // keys of the table of objects, in their order
  bool HasFault(ObjectId id) const { return faults.contains(id); }
};

// kDamaged: LMDB could not read the table of objects to its end.
Result<Inventory> TakeInventory(const store::ReadTxn& txn, const LedgerFacts& facts);

}  // namespace chainfs::fs::repair

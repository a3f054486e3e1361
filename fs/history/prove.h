// SPDX-License-Identifier: GPL-3.0-or-later
// Makes proof files (ledger/object_proof.h) from a vault, without its key. What is made has been
// verified under the head's own key: a damaged vault gives no false proof. O(log n) reads, and one
// hash for each birth of the commit. As thread-safe as the transaction.
#pragma once

#include <string>

#include "fs/history/stored_head.h"
#include "ledger/commit_lists.h"

namespace chainfs::fs {

// kNotFound: the ledger has no such record. kDamaged.
Result<std::string> ProveRecord(const store::ReadTxn& txn, const StoredHead& head,
                                Sequence sequence);

struct BirthProof {
  std::string file;
  Sequence record;  // the object was born with
  ledger::Birth birth;
};

// The object may have died and been reaped since. kNotFound: no commit bore an object of this id,
// or the lists of the one that might have are gone (pruned). kDamaged.
Result<BirthProof> ProveObject(const store::ReadTxn& txn, const StoredHead& head, ObjectId id);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// The branches that a vault's history has gone through: one from genesis on, and one more for each
// rollback that its owner accepted.
//
//   genesis ---------- kept | ROLLBACK_ACCEPTED -----------> head
//   branch A                `. . abandoned head (of A)       branch B
//
// The store's meta value kBranchesMeta lists the sequences of the ROLLBACK_ACCEPTED records, u64
// big-endian each, ascending, so that mount need not search for them. It is a hint: each one is
// proven to be in the ledger before it counts, and one that is left out makes an old anchor read as
// a fork, never as superseded.
#pragma once

#include <vector>

#include "crypto/base/result.h"
#include "fs/store/store.h"
#include "ledger/checkpoint.h"
#include "ledger/origin.h"
#include "ledger/record.h"

namespace chainfs::fs {

constexpr char kBranchesMeta[] = "branches";
constexpr size_t kMaxBranches = 4096;

struct Branch {
  ledger::BranchId id{};
  Sequence begin;                         // its first record
  ledger::RollbackAcceptance acceptance;  // of that record; of genesis, all zero
};

// All of them, oldest first. `head` has been verified.
// kDamaged: the list is malformed, or names what is not in the ledger.
Result<std::vector<Branch>> ReadBranches(const store::ReadTxn& txn, const Digest& genesis_link,
                                         const ledger::Checkpoint& head);

// The list with one more record, as it is to be stored.
Bytes ExtendBranches(const store::ReadTxn& txn, Sequence record);

}  // namespace chainfs::fs

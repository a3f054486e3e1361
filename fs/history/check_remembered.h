// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing a vault with all the heads of its ledger that are remembered elsewhere, before it is
// used. As thread-safe as the transaction.
#pragma once

#include <vector>

#include "fs/commit/chain_head.h"
#include "fs/types.h"

namespace chainfs::fs {

struct RememberedCheck {
  // What has to be recorded if the owner goes on from this head all the same, without the kept
  // head; empty: no head disagrees.
  std::vector<ledger::RollbackAcceptance> conflicts;
  Error refusal{ErrorCode::kRollback, {}};  // if he does not: kRollback or kFork, with both heads
};

// `head` has been verified. kInvalid, kDamaged: see OpenKnownHead; a head that cannot be compared
// is not passed over.
Result<RememberedCheck> CheckRemembered(const store::ReadTxn& txn, const ChainHead& head,
                                        const LedgerIdentity& identity,
                                        const std::vector<RememberedHead>& remembered);

}  // namespace chainfs::fs

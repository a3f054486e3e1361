// SPDX-License-Identifier: GPL-3.0-or-later
// FRESHNESS: is the vault's head the newest that anybody has seen? Only what is remembered outside
// the vault can tell: a signature shows that a head is genuine, not that it is the last one.
// As thread-safe as the transaction.
#pragma once

#include <vector>

#include "fs/check/finding.h"
#include "fs/check/ledger/history.h"
#include "fs/check/snapshot.h"
#include "fs/types.h"

namespace chainfs::fs::check {

// OK: the head goes on from every one that is remembered; the reason names the newest. FAILED: it
// is older than one (a rollback), or contradicts one (a fork), or one cannot be compared.
// SUPERSEDED: one is of a branch that an accepted rollback has ended. UNANCHORED: none is known.
// NOT CHECKED: the vault has no signed head that could be compared.
PassResult CheckFreshness(const Snapshot& snapshot, const History& history,
                          const std::vector<RememberedHead>& remembered, Listener& listener);

}  // namespace chainfs::fs::check

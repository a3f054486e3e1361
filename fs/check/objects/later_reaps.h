// SPDX-License-Identifier: GPL-3.0-or-later
// What a daemon has reaped since the moment that a check is about. Our hold does not keep what had
// died before it was taken. As thread-safe as the snapshot.
#pragma once

#include <functional>

#include "fs/check/ledger/history.h"
#include "fs/check/snapshot.h"

namespace chainfs::fs::check {

// Visits the reaps of all records after the ones that `history` covers, as of the snapshot's
// transaction. False: those records, or their lists, are not proven to go on from there, and
// nothing is known.
[[nodiscard]] bool ForEachLaterReap(const Snapshot& snapshot, const History& history,
                                    const std::function<void(ObjectId)>& visit);

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// Which dead objects a commit reaps. An object that died in record s is kept until 64 commits
// later, so that the last roots stay complete filesystems; under space pressure until the next
// commit only. The graveyard is an index: the death lists of the records themselves.
#pragma once

#include <optional>
#include <vector>

#include "crypto/base/result.h"
#include "fs/commit/chain_head.h"
#include "fs/commit/ledger_guard.h"
#include "fs/store/store.h"

namespace chainfs::fs {

constexpr uint64_t kRetainedCommits = 64;

// What decides how much may be reaped.
struct ReapingLimits {
  bool pressure = false;         // space is short
  std::optional<Sequence> held;  // what died after this record stays
};

struct Reaping {
  std::vector<ledger::Death> objects;
  Graveyard graveyard;    // afterwards
  bool was_held = false;  // there is more that only a hold keeps
};

// What the record after `head` reaps: oldest first, up to kMostReaps objects and kMostReapedBytes
// (a transaction that frees more slows down those that use the freed pages). Without pressure it
// reads no more than kMostListsRead lists, since it may find nothing in them.
// kDamaged: a death list is missing, or not the one that its record commits to, or the record is
// not the ledger's.
constexpr size_t kMostReaps = 4096;
constexpr uint64_t kMostReapedBytes = 128 << 20;
constexpr uint64_t kMostListsRead = 1024;
Result<Reaping> PlanReaping(const store::ReadTxn& txn, const ChainHead& head,
                            const LedgerGuard& guard, const ReapingLimits& limits);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Which dead objects a commit reaps. An object that died in record s is kept until 64 commits
// later, so that the last roots stay complete filesystems; under space pressure until the next
// commit only. The graveyard is an index: the death lists of the records themselves.
#pragma once

#include <vector>

#include "crypto/base/result.h"
#include "fs/commit/chain_head.h"
#include "fs/store/store.h"

namespace chainfs::fs {

constexpr uint64_t kRetainedCommits = 64;

struct Reaping {
  std::vector<ledger::Death> objects;
  Sequence graveyard_from;  // afterwards
};

// What the record after `head` reaps: whole death lists, oldest first, until about `most_objects`.
// kDamaged: a death list is missing or malformed.
Result<Reaping> PlanReaping(const store::ReadTxn& txn, const ChainHead& head, bool pressure,
                            size_t most_objects);

}  // namespace chainfs::fs

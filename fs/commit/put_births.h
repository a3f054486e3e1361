// SPDX-License-Identifier: GPL-3.0-or-later
// Seals the objects of a commit straight into the pages of its transaction: a buffer between would
// take as much memory again, and a copy.
#pragma once

#include <vector>

#include "fs/commit/frozen_set.h"
#include "fs/commit/parallel_sealer.h"
#include "fs/store/store.h"

namespace chainfs::fs {

// Puts every object, ids ascending, and sets `births` to their rows. Errors: the store's.
// Whenever it is called, the same set gives the same blobs and rows. The first `max_reserved`
// objects may be sealed in place; those after them cost a copy.
Result<void> PutBirths(store::WriteTxn& txn, const crypto::ObjectSealer& sealer,
                       ParallelSealer& parallel, const FrozenSet& frozen,
                       std::vector<ledger::Birth>& births,
                       size_t max_reserved = store::WriteTxn::kMaxReserved);

}  // namespace chainfs::fs

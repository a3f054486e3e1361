// SPDX-License-Identifier: GPL-3.0-or-later
// What lies in the store beside the ledger and the objects: tables and meta values that nobody but
// chainfs should have written. As thread-safe as the snapshot.
#pragma once

#include <vector>

#include "fs/check/report.h"
#include "fs/check/snapshot.h"
#include "fs/commit/chain_head.h"
#include "fs/history/branches.h"
#include "fs/history/stored_tiles.h"

namespace chainfs::fs::check {

// Every table is one of ours, and every meta value has a name that we know. In the transaction
// that the snapshot was taken in.
void CheckNames(const Snapshot& snapshot, Report& report);

// The meta value that says where the graveyard begins.
struct GraveyardPlace {
  Sequence record;
  uint64_t index = 0;
  uint64_t bytes = 0;
  Sequence newest;  // the record that it was written with
};
struct StoredGraveyard {
  bool sound = true;                    // false: malformed, or in records that are not there
  std::optional<GraveyardPlace> place;  // nullopt: there is none yet, or it is not sound
};
// Whether it is the right place, only the lists tell. `newest`: the newest record.
StoredGraveyard ReadGraveyard(const Snapshot& snapshot, Sequence newest);

// The list of branches is the one that the records give: one entry for each of `accepted`, the
// records that accept a rollback.
void CheckBranchList(const Snapshot& snapshot, const std::vector<Sequence>& accepted,
                     Report& report);

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/retention.h"

namespace chainfs::fs {

Result<Reaping> PlanReaping(const store::ReadTxn& txn, const ChainHead& head, bool pressure,
                            size_t most_objects) {
  Reaping plan;
  plan.graveyard_from = head.graveyard_from;
  const uint64_t keep = pressure ? 0 : kRetainedCommits;
  while (plan.objects.size() < most_objects &&
         plan.graveyard_from.value + keep <= head.newest.value) {
    auto encoded = txn.FindLists(plan.graveyard_from);
    if (!encoded) return ErrorCode::kDamaged;
    auto lists = ledger::DecodeLists(*encoded);
    if (!lists) return ErrorCode::kDamaged;
    plan.objects.insert(plan.objects.end(), lists->deaths.begin(), lists->deaths.end());
    ++plan.graveyard_from.value;
  }
  return plan;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/retention.h"

namespace chainfs::fs {

Result<Reaping> PlanReaping(const store::ReadTxn& txn, const ChainHead& head, bool pressure) {
  Reaping plan;
  plan.graveyard = head.graveyard;
  Graveyard& graveyard = plan.graveyard;
  const uint64_t keep = pressure ? 0 : kRetainedCommits;
  uint64_t bytes = 0;
  while (graveyard.record.value + keep <= head.newest.value) {
    auto encoded = txn.FindLists(graveyard.record);
    auto lists = encoded ? ledger::DecodeLists(*encoded) : std::nullopt;
    if (!lists) return ErrorCode::kDamaged;
    for (; graveyard.index < lists->deaths.size(); ++graveyard.index) {
      if (plan.objects.size() == kMostReaps || bytes >= kMostReapedBytes) return plan;
      const ledger::Death& death = lists->deaths[graveyard.index];
      plan.objects.push_back(death);
      bytes += death.sealed_bytes;
      graveyard.bytes -= death.sealed_bytes;
    }
    ++graveyard.record.value;
    graveyard.index = 0;
  }
  return plan;
}

}  // namespace chainfs::fs

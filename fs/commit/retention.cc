// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/retention.h"

#include <algorithm>

namespace chainfs::fs {
namespace {

// The deaths of a record, which must be those that it commits to, and it the ledger's: they are
// about to be deleted.
Result<std::vector<ledger::Death>> ReadDeaths(const store::ReadTxn& txn, const ChainHead& head,
                                              const LedgerGuard& guard, Sequence sequence) {
  auto encoded = txn.FindLists(sequence);
  auto lists = encoded ? ledger::DecodeLists(*encoded) : std::nullopt;
  auto encoded_record = txn.FindRecord(sequence);
  auto record = encoded_record ? ledger::DecodeRecord(*encoded_record) : std::nullopt;
  if (!lists || !record) return ErrorCode::kDamaged;
  if (!guard.IsGenuine(txn, head, sequence, *encoded_record)) return ErrorCode::kDamaged;
  if (ledger::DeathsDigest(lists->deaths) != record->deaths_digest) return ErrorCode::kDamaged;
  return std::move(lists->deaths);
}

}  // namespace

Result<Reaping> PlanReaping(const store::ReadTxn& txn, const ChainHead& head,
                            const LedgerGuard& guard, const ReapingLimits& limits) {
  Reaping plan;
  plan.graveyard = head.graveyard;
  Graveyard& graveyard = plan.graveyard;
  uint64_t end = head.newest.value + 1;  // of the records whose dead may go
  end = limits.pressure ? end
                        : std::min(end - std::min(end, kRetainedCommits),
                                   graveyard.record.value + kMostListsRead);
  uint64_t bytes = 0;
  while (graveyard.record.value < end) {
    if (limits.held && graveyard.record > *limits.held) {
      plan.was_held = true;
      break;
    }
    auto deaths = ReadDeaths(txn, head, guard, graveyard.record);
    if (!deaths) return std::move(deaths).error();
    for (; graveyard.index < deaths->size(); ++graveyard.index) {
      if (plan.objects.size() == kMostReaps || bytes >= kMostReapedBytes) return plan;
      const ledger::Death& death = (*deaths)[graveyard.index];
      plan.objects.push_back(death);
      bytes += death.sealed_bytes;
      graveyard.bytes -= std::min<uint64_t>(graveyard.bytes, death.sealed_bytes);
    }
    ++graveyard.record.value;
    graveyard.index = 0;
  }
  return plan;
}

}  // namespace chainfs::fs

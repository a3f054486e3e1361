// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/record_rules.h"

#include "crypto/header_codec.h"

namespace chainfs::fs::check {
namespace {

using ledger::RecordType;

// Records that only state something, and change nothing.
bool IsBare(RecordType type) {
  return type == RecordType::kCleanUnmount || type == RecordType::kRollbackAccepted;
}

bool ChangesNothing(const ledger::Record& before, const ledger::Record& record) {
  return record.birth_count == 0 && record.death_count == 0 && record.reap_count == 0 &&
         record.root == before.root && record.next_id == before.next_id;
}

}  // namespace

void CheckSuccessor(const ledger::Record& before, const ledger::Record& record, Report& report) {
  const Where where{{}, record.sequence};
  const std::string name = "record " + std::to_string(record.sequence.value);
  if (record.volume_id != before.volume_id) {
    report.Damage(FindingKind::kBadRecord, name + " is of another volume", where);
  }
  if (record.time_ns < before.time_ns) {
    report.Damage(FindingKind::kBadSequenceOfTime, name + " is older than the one before it",
                  where);
  }
  if (record.next_id < before.next_id) {
    report.Damage(FindingKind::kBadSequenceOfTime, name + " gives object ids back", where);
  }
  // Unsigned, so a count that would fall below nothing is a very large one.
  if (record.live_objects != before.live_objects + record.birth_count - record.death_count) {
    report.Damage(FindingKind::kBadSequenceOfTime,
                  name + " does not have as many live objects as were born and have died", where);
  }
  const uint64_t epochs = record.type == RecordType::kKeyChange ? 1 : 0;
  if (record.key_epoch.value != before.key_epoch.value + epochs) {
    report.Damage(FindingKind::kBadRecord, name + " is of another key epoch", where);
  }
  if (record.root.id >= record.next_id) {
    report.Damage(FindingKind::kBadRecord, name + " has a root that was not born", where);
  }
  if (IsBare(record.type) && !ChangesNothing(before, record)) {
    report.Damage(FindingKind::kBadRecord, name + " changes what its type never changes", where);
  }
}

void CheckGenesis(const ledger::Record& genesis, Report& report) {
  const bool empty = genesis.birth_count == 0 && genesis.death_count == 0 &&
                     genesis.reap_count == 0 && genesis.live_objects == 0 &&
                     genesis.live_bytes == 0 && genesis.next_id == ObjectId(1) &&
                     genesis.root == Pointer{} && genesis.key_epoch == KeyEpoch(0);
  if (!empty || genesis.suite != crypto::kSuite) {
    report.Damage(FindingKind::kBadRecord, "the first record is not that of an empty volume",
                  {{}, genesis.sequence});
  }
}

}  // namespace chainfs::fs::check

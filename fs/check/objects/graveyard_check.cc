// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/objects/graveyard_check.h"

namespace chainfs::fs::check {
namespace {

uint64_t AddUp(ByteView rows) {
  uint64_t bytes = 0;
  for (; !rows.empty(); rows = rows.subspan(ledger::kDeathBytes)) {
    bytes += ledger::DecodeDeath(rows.data()).sealed_bytes;
  }
  return bytes;
}

}  // namespace

void GraveyardCheck::Take(const RecordLists& lists) {
  newest_ = lists.sequence;
  reaps_ += lists.rows.reap_count();
  bytes_ += AddUp(lists.rows.deaths) - AddUp(lists.rows.reaps);
  if (!place_) return;
  if (lists.sequence < place_->record) deaths_before_ += lists.rows.death_count();
  if (lists.sequence == place_->record) deaths_there_ = lists.rows.death_count();
}

void GraveyardCheck::Finish(Report& report) const {
  bool right = newest_ == Sequence(0);
  if (place_) {
    right = place_->index <= deaths_there_ && deaths_before_ + place_->index == reaps_ &&
            place_->newest == newest_ && place_->bytes == bytes_;
  }
  if (right) return;
  report.Damage(FindingKind::kBadMeta, "the graveyard's place is not where the lists have it");
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/objects/lives.h"

namespace chainfs::fs::check {
namespace {

std::string NameOf(uint64_t object) { return "object " + std::to_string(object); }

template <class Visit>
void ForEachDeath(ByteView rows, const Visit& visit) {
  for (; !rows.empty(); rows = rows.subspan(ledger::kDeathBytes)) {
    visit(ledger::DecodeDeath(rows.data()));
  }
}

}  // namespace

Lives::Lives(ObjectId first_id, uint64_t window_ids, Report& lists, Report& reaps)
    : first_id_(first_id.value),
      window_ids_(window_ids),
      lists_(lists),
      reaps_(reaps),
      window_(first_id_),
      slice_begin_(first_id_) {}

void Lives::BeginRound() {
  if (!first_round_) {
    slice_begin_ = slice_end();
    window_ = *next_window_;
  }
  for (IdBitmap* bitmap : {&born_, &dead_, &reaped_}) bitmap->Open(window_, window_ids_);
  next_window_.reset();
  first_record_.reset();
  last_birth_ = 0;
  lost_deaths_ = false;
}

void Lives::EndRound() {
  if (unknown_from_) unknown_.Add(*unknown_from_, UINT64_MAX);
  unknown_from_.reset();
  first_round_ = false;
}

void Lives::Take(const RecordLists& lists) {
  if (first_round_) NoteLostBirths(lists);
  TakeBirths(lists);
  TakeDeaths(lists);
  TakeReaps(lists);
  lost_deaths_ = lost_deaths_ || lists.lost.deaths;
  lost_reaps_ = lost_reaps_ || lists.lost.reaps;
}

// The ids that a record may have given to its births lie between the next ids of the record before
// it and its own; if it is damaged too, or gives ids back, those of the next whole one.
void Lives::NoteLostBirths(const RecordLists& lists) {
  if (lists.lost.births && !unknown_from_) unknown_from_ = std::max(next_id_, first_id_);
  if (!lists.record) return;
  next_id_ = std::max(next_id_, lists.record->next_id.value);
  if (!unknown_from_ || lists.record->next_id.value < *unknown_from_) return;
  unknown_.Add(*unknown_from_, next_id_);
  unknown_from_.reset();
}

void Lives::TakeBirths(const RecordLists& lists) {
  ByteView rows = lists.rows.births;
  for (; !rows.empty(); rows = rows.subspan(ledger::kBirthBytes)) {
    const auto birth = ledger::DecodeBirth(rows.first(ledger::kBirthBytes));
    const uint64_t id = birth->id.value;
    last_birth_ = id;
    if (first_round_) births_bytes_ += birth->sealed_bytes;
    if (id >= slice_end() && !next_window_) next_window_ = id;
    if (!InWindow(id)) continue;
    born_.Add(id);
    if (!first_record_) first_record_ = lists.sequence;
  }
}

bool Lives::IsUnborn(uint64_t id) const {
  if (id < slice_begin_ || IsUnknown(id) || (unknown_from_ && id >= *unknown_from_)) return false;
  if (InWindow(id)) return !born_.Has(id);
  if (id < window_) return true;
  return first_round_ && id > last_birth_;
}

void Lives::TakeDeaths(const RecordLists& lists) {
  const auto report = [&](uint64_t id, const char* what) {
    lists_.Damage(FindingKind::kBadLists,
                  "record " + std::to_string(lists.sequence.value) + " lists the death of " +
                      NameOf(id) + what,
                  {ObjectId(id), lists.sequence});
  };
  ForEachDeath(lists.rows.deaths, [&](const ledger::Death& death) {
    const uint64_t id = death.id.value;
    if (IsUnborn(id)) report(id, ", which was not born");
    if (!InWindow(id)) return;
    if (dead_.Has(id)) report(id, ", which had died before");
    dead_.Add(id);
  });
}

void Lives::TakeReaps(const RecordLists& lists) {
  const auto report = [&](uint64_t id, const char* what) {
    reaps_.Damage(FindingKind::kBadReap,
                  "record " + std::to_string(lists.sequence.value) + " reaps " + NameOf(id) + what,
                  {ObjectId(id), lists.sequence});
  };
  ForEachDeath(lists.rows.reaps, [&](const ledger::Death& reap) {
    const uint64_t id = reap.id.value;
    if (first_round_) reaps_bytes_ += reap.sealed_bytes;
    if (IsUnborn(id)) report(id, ", which was not born");
    if (!InWindow(id)) return;
    if (reaped_.Has(id)) report(id, ", which it had been before");
    const bool alive = born_.Has(id) && !dead_.Has(id) && !lost_deaths_ && !IsUnknown(id);
    if (alive) report(id, ", which has not died");
    reaped_.Add(id);
  });
}

}  // namespace chainfs::fs::check

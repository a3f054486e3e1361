// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/objects/lists_stream.h"

#include <algorithm>

#include "crypto/sha256.h"
#include "fs/check/entry_key.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kBatchRecords = 1024;
constexpr uint64_t kBatchBytes = 4 << 20;
// Of damaged lists so many are remembered: about 16 MiB.
constexpr size_t kMostLost = 1 << 18;

// Sealed sizes added up; nullopt: a row is malformed, or out of order.
std::optional<uint64_t> AddUpBirths(ByteView rows) {
  uint64_t bytes = 0;
  ObjectId previous(0);
  for (; !rows.empty(); rows = rows.subspan(ledger::kBirthBytes)) {
    const auto birth = ledger::DecodeBirth(rows.first(ledger::kBirthBytes));
    if (!birth || birth->id <= previous) return std::nullopt;
    previous = birth->id;
    bytes += birth->sealed_bytes;
  }
  return bytes;
}

std::optional<uint64_t> AddUpDeaths(ByteView rows) {
  uint64_t bytes = 0;
  for (; !rows.empty(); rows = rows.subspan(ledger::kDeathBytes)) {
    const ledger::Death death = ledger::DecodeDeath(rows.data());
    if (death.id == ObjectId(0)) return std::nullopt;
    bytes += death.sealed_bytes;
  }
  return bytes;
}

ObjectId FirstId(ByteView rows) { return ObjectId(GetBE<uint64_t>(rows.data())); }
ObjectId LastId(ByteView rows) {
  return ObjectId(GetBE<uint64_t>(rows.data() + rows.size() - ledger::kBirthBytes));
}

}  // namespace

const char* ReasonOf(WalkEnd end) {
  switch (end) {
    case WalkEnd::kDone:
      return "";
    case WalkEnd::kCancelled:
      return "cancelled";
    case WalkEnd::kHoldLost:
      return "the daemon's hold was lost: what it has reaped since cannot be told from what is "
             "missing";
  }
  return "";
}

ListsStream::ListsStream(Snapshot& snapshot, const History& history, Sequence first,
                         ObjectId first_id, BatchRunner& runner, Pace* pace, Report& report)
    : snapshot_(snapshot),
      history_(history),
      first_(first),
      runner_(runner),
      pace_(pace),
      report_(report),
      next_birth_(first_id) {}

bool ListsStream::IsAltered(Sequence sequence) const {
  return std::ranges::binary_search(history_.altered, sequence);
}

void ListsStream::AddJob(Sequence sequence, std::optional<ByteView> encoded) {
  Job job;
  job.lists.sequence = sequence;
  const auto record = snapshot_.txn().FindRecord(sequence);
  if (record && !IsAltered(sequence)) job.lists.record = ledger::DecodeRecord(*record);
  job.is_there = encoded.has_value();
  const auto rows = encoded ? ledger::SplitLists(*encoded) : std::nullopt;
  if (rows) {
    job.lists.rows = *rows;
    job_bytes_ += encoded->size();
  } else {
    job.malformed = true;
    job.lists.lost = {true, true, true};
  }
  jobs_.push_back(std::move(job));
}

void ListsStream::Collect(Sequence from) {
  jobs_.clear();
  job_bytes_ = 0;
  uint64_t next = from.value;
  const auto is_full = [&] { return jobs_.size() >= kBatchRecords || job_bytes_ >= kBatchBytes; };
  const auto key_of_first = KeyOfNumber(next);
  const auto read = snapshot_.txn().ForEachEntry(
      store::Table::kLists, next == 0 ? ByteView() : key_of_first,
      [&](ByteView key, ByteView value) {
        const auto number = NumberOfKey(key);
        const bool newer = number && *number >= end().value;
        if (newer && (snapshot_.is_live() || !first_walk_)) return false;
        if (newer || !number) {
          if (first_walk_) report_.Damage(FindingKind::kBadLists, "lists that are of no record");
          return true;
        }
        if (*number < next) return true;
        for (; next < *number && !is_full(); ++next) AddJob(Sequence(next), std::nullopt);
        if (is_full()) return false;
        AddJob(Sequence(next++), value);
        return true;
      });
  if (!read && first_walk_) report_.Damage(FindingKind::kBadPage, read.error().message);
  for (; next < end().value && !is_full(); ++next) AddJob(Sequence(next), std::nullopt);
}

void ListsStream::Verify(Job& job) {
  if (job.malformed) return;
  const ledger::ListRows& rows = job.lists.rows;
  LostLists& lost = job.lists.lost;
  const auto births = AddUpBirths(rows.births);
  const auto deaths = AddUpDeaths(rows.deaths);
  lost = {!births, !deaths, !AddUpDeaths(rows.reaps)};
  job.birth_bytes = births.value_or(0);
  job.death_bytes = deaths.value_or(0);
  if (!job.lists.record) return;
  const ledger::Record& record = *job.lists.record;
  lost.births = lost.births || record.birth_count != rows.birth_count() ||
                record.births_root != ledger::BirthsRootOfRows(rows.births);
  lost.deaths = lost.deaths || record.death_count != rows.death_count() ||
                record.deaths_digest != crypto::Sha256(rows.deaths);
  lost.reaps = lost.reaps || record.reap_count != rows.reap_count() ||
               record.reaps_digest != crypto::Sha256(rows.reaps);
}

void ListsStream::CheckInOrder(Job& job) {
  RecordLists& lists = job.lists;
  const ByteView births = lists.rows.births;
  if (!lists.lost.births && !births.empty()) {
    const bool in_order =
        FirstId(births) >= next_birth_ && (!lists.record || LastId(births) < lists.record->next_id);
    lists.lost.births = !in_order;
    if (in_order) next_birth_ = ObjectId(LastId(births).value + 1);
  }
  if (lists.lost.any()) ReportLost(job);
  if (!lists.record) ++unproven_;
  if (!lists.record || lists.lost.any()) {
    before_.reset();
    return;
  }
  if (before_ &&
      lists.record->live_bytes != before_->live_bytes + job.birth_bytes - job.death_bytes) {
    report_.Damage(FindingKind::kBadLists,
                   "record " + std::to_string(lists.sequence.value) +
                       " does not have as many live bytes as were born and have died",
                   {{}, lists.sequence});
  }
  before_ = lists.record;
}

void ListsStream::ReportLost(const Job& job) {
  any_lost_ = true;
  const LostLists& lost = job.lists.lost;
  std::string what = "the lists of record " + std::to_string(job.lists.sequence.value);
  if (job.malformed) {
    what += job.is_there ? " are malformed" : " are missing";
  } else {
    std::string which;
    if (lost.births) which += " births";
    if (lost.deaths) which += which.empty() ? " deaths" : ", deaths";
    if (lost.reaps) which += which.empty() ? " reaps" : ", reaps";
    what += " are not those that it commits to:" + which;
  }
  report_.Damage(FindingKind::kBadLists, what, {{}, job.lists.sequence});
  if (lost_.size() < kMostLost) {
    lost_[job.lists.sequence.value] = lost;
  } else {
    too_many_lost_ = true;
  }
}

WalkEnd ListsStream::ForEach(const std::function<void(const RecordLists&)>& visit) {
  for (uint64_t next = first_.value; next < end().value; next += jobs_.size()) {
    if (report_.IsCancelled()) return WalkEnd::kCancelled;
    if (snapshot_.IsRenewalDue() && !snapshot_.Renew()) return WalkEnd::kHoldLost;
    if (pace_ != nullptr) pace_->Spend(job_bytes_);  // of the batch before
    Collect(Sequence(next));
    if (first_walk_ || too_many_lost_) {
      runner_.Start(jobs_.size(), [this](size_t i) { Verify(jobs_[i]); });
      runner_.Finish();
    }
    for (Job& job : jobs_) {
      RecordLists& lists = job.lists;
      if (first_walk_) {
        CheckInOrder(job);
      } else if (const auto known = lost_.find(lists.sequence.value); known != lost_.end()) {
        lists.lost = known->second;
      }
      if (lists.lost.births) lists.rows.births = {};
      if (lists.lost.deaths) lists.rows.deaths = {};
      if (lists.lost.reaps) lists.rows.reaps = {};
      visit(lists);
    }
  }
  first_walk_ = false;
  return WalkEnd::kDone;
}

ByteView ListsStream::FindBirths(Sequence sequence) const {
  const auto encoded = snapshot_.txn().FindLists(sequence);
  auto rows = encoded ? ledger::SplitLists(*encoded) : std::nullopt;
  if (!rows) return {};
  if (const auto known = lost_.find(sequence.value); known != lost_.end()) {
    return known->second.births ? ByteView() : rows->births;
  }
  if (!too_many_lost_) return rows->births;
  Job job;
  const auto record = snapshot_.txn().FindRecord(sequence);
  if (record && !IsAltered(sequence)) job.lists.record = ledger::DecodeRecord(*record);
  job.lists.rows = *rows;
  Verify(job);
  return job.lists.lost.births ? ByteView() : rows->births;
}

}  // namespace chainfs::fs::check

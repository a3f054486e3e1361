// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/log_reader.h"

#include <algorithm>

#include "ledger/commit_lists.h"

namespace chainfs::fs {
namespace {

template <class Rows>
uint64_t BytesOf(const Rows& rows) {
  uint64_t bytes = 0;
  for (const auto& row : rows) bytes += row.sealed_bytes;
  return bytes;
}

std::optional<ListBytes> ReadListBytes(const store::ReadTxn& txn, const ledger::Record& record) {
  const auto encoded = txn.FindLists(record.sequence);
  const auto lists = encoded ? ledger::DecodeLists(*encoded) : std::nullopt;
  if (!lists || lists->births.size() != record.birth_count ||
      lists->deaths.size() != record.death_count || lists->reaps.size() != record.reap_count) {
    return std::nullopt;
  }
  return ListBytes{BytesOf(lists->births), BytesOf(lists->deaths), BytesOf(lists->reaps)};
}

}  // namespace

LogReader::LogReader(const store::Store& store, ledger::Checkpoint head, Sequence first)
    : store_(store), head_(std::move(head)), first_(first.value), end_(head_.size) {}

Result<LogEntry> LogReader::Read(const store::ReadTxn& txn, Sequence sequence) {
  LogEntry entry;
  if (!ahead_) {  // the newest
    auto proven = ReadProvenEntry(txn, head_, sequence);
    if (!proven) return std::move(proven).error();
    entry.record = proven->record;
    entry.link = proven->link;
  } else {
    const auto encoded = txn.FindRecord(sequence);
    const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
    if (record) entry.link = ledger::LinkOf(*encoded);
    if (!record || record->sequence != sequence || entry.link != ahead_->record.previous_link) {
      return Error{ErrorCode::kDamaged,
                   "record " + std::to_string(sequence.value) +
                       " is missing, or not the one that the next record continues; run "
                       "chainfs-fsck"};
    }
    entry.record = *record;
  }
  entry.bytes = ReadListBytes(txn, entry.record);
  return entry;
}

Result<std::vector<LogEntry>> LogReader::Next(size_t most) {
  if (failure_) return *failure_;
  std::vector<LogEntry> batch;
  if (end_ <= first_) return batch;
  auto txn = store_.BeginRead();
  if (!txn) return std::move(txn).error();
  most = std::min(most, kMaxBatch);
  while (batch.size() < most && end_ > first_) {
    if (!ahead_) {
      auto newest = Read(*txn, Sequence(end_ - 1));
      if (!newest) return std::move(newest).error();
      ahead_ = *std::move(newest);
    }
    LogEntry entry = *ahead_;
    if (--end_ > 0) {
      auto before = Read(*txn, Sequence(end_ - 1));
      if (!before) {
        if (end_ > first_) failure_ = std::move(before).error();
        end_ = first_;
        batch.push_back(std::move(entry));
        return batch;
      }
      entry.header_changed = before->record.type != ledger::RecordType::kGenesis &&
                             before->record.header_digest != entry.record.header_digest;
      ahead_ = *std::move(before);
    }
    batch.push_back(std::move(entry));
  }
  return batch;
}

}  // namespace chainfs::fs

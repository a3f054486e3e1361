// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/history.h"

#include <algorithm>
#include <set>

#include "fs/check/entry_key.h"
#include "fs/check/ledger/header_check.h"
#include "fs/check/ledger/meta_check.h"
#include "fs/check/ledger/record_group.h"
#include "fs/check/ledger/record_rules.h"
#include "fs/check/ledger/signed_head.h"
#include "fs/check/ledger/tile_check.h"
#include "fs/clock.h"
#include "ledger/tree_edge.h"

namespace chainfs::fs::check {
namespace {

// So many records may be missing at one place. A key that lies further off is not a record's.
constexpr uint64_t kLargestGap = 65536;
// Of damaged records so many are remembered: 8 MiB.
constexpr size_t kMostAltered = 1 << 20;

std::string NameOf(uint64_t record) { return "record " + std::to_string(record); }

std::optional<ledger::Record> DecodeAt(ByteView value, uint64_t number) {
  auto record = ledger::DecodeRecord(value);
  return record && record->sequence.value == number ? record : std::nullopt;
}

class HistoryCheck {
 public:
  HistoryCheck(Snapshot& snapshot, const CheckOptions& options, const std::vector<uint64_t>& sizes,
               Listener& listener)
      : snapshot_(snapshot),
        options_(options),
        sizes_(sizes.begin(), sizes.end()),
        report_(Pass::kHistory, listener),
        tiles_(report_) {}

  History Run(const store::HeaderCopies& headers);

 private:
  void Begin();
  // False: the pass was stopped; result_.reason says why.
  bool ReadRecords();
  RecordGroup ReadGroup(uint64_t first);
  void Take(const RecordGroup& group, uint64_t first);
  std::vector<JudgedRecord> Judge(const RecordGroup& group) const;
  bool LeadsToSignedRoot(const std::vector<JudgedRecord>& judged) const;
  void ReportAltered(const StoredRecord& stored, uint64_t number);
  void TakeGenuine(const StoredRecord& stored);
  void TakeAcceptedRollback(const StoredRecord& stored);
  void Append(const Digest& leaf);
  void CheckBranches();
  std::string Describe() const;

  Snapshot& snapshot_;
  const CheckOptions& options_;
  const std::set<uint64_t> sizes_;
  Report report_;
  TileCheck tiles_;
  SignedHead head_;
  History history_;

  uint64_t count_ = 0;                  // of records in the store
  std::optional<StoredRecord> before_;  // the last record, if it is genuine
  std::optional<Digest> genesis_link_;
  ledger::TreeEdge edge_;
  bool has_broken_link_ = false;
  bool has_whole_tree_ = true;  // false: a leaf is not known, and the tree ends there
  std::vector<Sequence> accepted_;
};

void HistoryCheck::Begin() {
  CheckNames(snapshot_, report_);
  const store::ReadTxn& txn = snapshot_.txn();
  const uint64_t entries = txn.CountEntries(store::Table::kRecords);
  const auto newest = txn.NewestRecord();
  const uint64_t end = newest ? std::min(newest->value, entries + kLargestGap) + 1 : entries;
  count_ = end;
  const auto first = txn.FindRecord(Sequence(0));
  head_ =
      OpenSignedHead(snapshot_, first ? DecodeAt(*first, 0) : std::nullopt, options_.keys, report_);
  if (entries == 0) report_.Damage(FindingKind::kMissingRecord, "the vault has no records");
  uint64_t size = end;
  if (head_.checkpoint && head_.checkpoint->size != end) {
    const uint64_t covered = head_.checkpoint->size;
    report_.Damage(FindingKind::kHeadCoverage,
                   "the ledger's signed head covers " + Count(covered, "record") +
                       ", but the vault's records end at " + std::to_string(end));
    // What lies past the signed end, and past a gap, is not taken for a part of the ledger.
    if (covered < end && end > entries) count_ = size = covered;
    // Where records were cut off, their tiles are still the right ones.
    if (covered < count_ + kLargestGap) size = std::max(size, covered);
  }
  tiles_.CheckTable(txn, size);
  if (!ReadGraveyard(snapshot_, Sequence(count_ - 1)).sound) {
    report_.Damage(FindingKind::kBadMeta,
                   "the graveyard's place is malformed, or in records that are not there");
  }
}

// Also the first record of the next group, for what it says of the last one of this group.
RecordGroup HistoryCheck::ReadGroup(uint64_t first) {
  RecordGroup group;
  const uint64_t end = std::min(first + ledger::kTileWidth, count_);
  group.records.resize(end - first);
  group.ends_ledger = end == count_;
  const auto key_of_first = KeyOfNumber(first);
  const auto read = snapshot_.txn().ForEachEntry(
      store::Table::kRecords, first == 0 ? ByteView() : key_of_first,
      [&](ByteView key, ByteView value) {
        const auto number = NumberOfKey(key);
        if (!number) {
          report_.Damage(FindingKind::kBadRecord, "an entry among the records that is none");
          return true;
        }
        if (*number < end) {
          group.records[*number - first] = {true, DecodeAt(value, *number), ledger::LinkOf(value)};
          return true;
        }
        if (*number == end && !group.ends_ledger) group.next = DecodeAt(value, *number);
        return false;
      });
  if (!read) report_.Damage(FindingKind::kBadPage, read.error().message);
  if (const auto tile = FindFullTile(snapshot_.txn(), first / ledger::kTileWidth)) {
    group.tile = *tile;
  }
  return group;
}

bool HistoryCheck::ReadRecords() {
  for (uint64_t first = 0; first < count_; first += ledger::kTileWidth) {
    if (report_.IsCancelled()) {
      history_.result.reason = "cancelled";
      return false;
    }
    if (snapshot_.IsRenewalDue() && !snapshot_.Renew()) {
      history_.result.reason = "the daemon's hold was lost";
      return false;
    }
    const uint64_t end = std::min(first + ledger::kTileWidth, count_);
    if (options_.pace != nullptr) options_.pace->Spend((end - first) * ledger::kRecordBytes);
    Take(ReadGroup(first), first);
    report_.SayProgress(end, count_, true);
  }
  return true;
}

bool HistoryCheck::LeadsToSignedRoot(const std::vector<JudgedRecord>& judged) const {
  ledger::TreeEdge edge = edge_;
  for (const JudgedRecord& record : judged) {
    if (!record.leaf) return false;
    edge.Append(*record.leaf);
  }
  return edge.Root() == head_.checkpoint->root;
}

// Nobody but the signed root knows the newest record. Where all else fits together and the root
// does not, that record was altered, whatever was altered before it.
std::vector<JudgedRecord> HistoryCheck::Judge(const RecordGroup& group) const {
  std::vector<JudgedRecord> judged = JudgeRecords(group, true);
  const bool known = has_whole_tree_ && head_.checkpoint && head_.checkpoint->size == count_;
  if (!group.ends_ledger || !known || !judged.back().genuine || LeadsToSignedRoot(judged)) {
    return judged;
  }
  std::vector<JudgedRecord> other = JudgeRecords(group, false);
  return !has_broken_link_ || LeadsToSignedRoot(other) ? other : judged;
}

void HistoryCheck::Take(const RecordGroup& group, uint64_t first) {
  const std::vector<JudgedRecord> judged = Judge(group);
  for (size_t i = 0; i < judged.size(); ++i) {
    if (judged[i].genuine) {
      TakeGenuine(group.records[i]);
    } else {
      ReportAltered(group.records[i], first + i);
    }
    has_whole_tree_ = has_whole_tree_ && judged[i].leaf.has_value();
    if (has_whole_tree_) Append(*judged[i].leaf);
  }
}

void HistoryCheck::ReportAltered(const StoredRecord& stored, uint64_t number) {
  const Where where{{}, Sequence(number)};
  if (!stored.is_there) {
    report_.Damage(FindingKind::kMissingRecord, NameOf(number) + " is missing", where);
  } else {
    report_.Damage(FindingKind::kBadRecord,
                   NameOf(number) +
                       (stored.record ? " is not the one that the ledger has here" : " is damaged"),
                   where);
  }
  if (history_.altered.size() < kMostAltered) history_.altered.push_back(Sequence(number));
  before_.reset();
}

void HistoryCheck::TakeGenuine(const StoredRecord& stored) {
  const ledger::Record& record = *stored.record;
  if (record.sequence == Sequence(0)) {
    CheckGenesis(record, report_);
    CheckGenesisAgainst(head_, record, report_);
    genesis_link_ = stored.link;
    history_.branches.push_back({ledger::BranchOf(stored.link), Sequence(0), {}});
  } else if (before_ && record.previous_link != before_->link) {
    has_broken_link_ = true;
    report_.Damage(FindingKind::kBrokenLink,
                   NameOf(record.sequence.value) + " does not continue the record before it",
                   {{}, record.sequence});
  }
  if (before_) CheckSuccessor(*before_->record, record, report_);
  if (record.type == ledger::RecordType::kRollbackAccepted) TakeAcceptedRollback(stored);
  before_ = stored;
}

void HistoryCheck::TakeAcceptedRollback(const StoredRecord& stored) {
  const ledger::Record& record = *stored.record;
  const bool kept_is_right = !has_whole_tree_ || (record.rollback.kept_size == edge_.size() &&
                                                  record.rollback.kept_root == edge_.Root());
  if (!kept_is_right) {
    report_.Damage(FindingKind::kBadBranch,
                   NameOf(record.sequence.value) +
                       " accepts a rollback to another state than it "
                       "goes on from",
                   {{}, record.sequence});
  }
  if (accepted_.size() > kMaxBranches) return;  // the list is too long already
  accepted_.push_back(record.sequence);
  history_.branches.push_back({ledger::BranchOf(stored.link), record.sequence, record.rollback});
}

void HistoryCheck::Append(const Digest& leaf) {
  edge_.Append(leaf);
  tiles_.CompareNewest(snapshot_.txn(), edge_);
  if (sizes_.contains(edge_.size())) history_.roots[edge_.size()] = edge_.Root();
  if (!head_.checkpoint || edge_.size() != head_.checkpoint->size) return;
  history_.has_signed_root = edge_.Root() == head_.checkpoint->root;
  if (history_.has_signed_root) return;
  report_.Damage(FindingKind::kRootMismatch,
                 "the tree over the records does not have the signed root",
                 {{}, Sequence(edge_.size() - 1)});
}

// Only the records say which branch this is; without all of them nobody knows.
void HistoryCheck::CheckBranches() {
  if (!history_.altered.empty() || history_.branches.empty()) return;
  CheckBranchList(snapshot_, accepted_, report_);
  if (!head_.checkpoint) return;
  const Branch* branch = &history_.branches.front();
  for (const Branch& one : history_.branches) {
    if (one.begin.value < head_.checkpoint->size) branch = &one;
  }
  if (ledger::DecodeOrigin(head_.checkpoint->origin)->branch != branch->id) {
    report_.Damage(FindingKind::kBadBranch,
                   "the ledger's signed head is of another branch than its records");
  }
}

std::string HistoryCheck::Describe() const {
  if (report_.damage() > 0) return Count(report_.damage(), "finding");
  std::string text = Count(count_, "record");
  if (history_.newest) text += " until " + FormatUtc(history_.newest->time_ns);
  return text + (head_.source.empty() ? ", signed with a key that only the vault itself vouches for"
                                      : ", signed with the key from " + head_.source);
}

History HistoryCheck::Run(const store::HeaderCopies& headers) {
  Begin();
  history_.head = head_.checkpoint;
  if (history_.head) history_.volume_id = ledger::DecodeOrigin(history_.head->origin)->volume_id;
  history_.key = head_.key.value_or(crypto::PublicKey{});
  history_.records = count_;
  const bool whole = ReadRecords();
  if (whole && before_) history_.newest = before_->record;
  if (whole && report_.damage() == 0 && !history_.has_signed_root) {
    report_.Damage(FindingKind::kBadPage, "the records can be found but not read in order");
  }
  if (whole) {
    CheckHeader(headers, genesis_link_, history_.newest, options_.header_verified, report_);
    CheckBranches();
    history_.result.reason = Describe();
  }
  const Verdict sound = !whole                 ? Verdict::kNotChecked
                        : head_.source.empty() ? Verdict::kSelfSigned
                                               : Verdict::kOk;
  history_.edge = edge_;
  history_.result = report_.Finish(sound, std::move(history_.result.reason));
  return std::move(history_);
}

}  // namespace

History CheckHistory(Snapshot& snapshot, const store::HeaderCopies& headers,
                     const CheckOptions& options, const std::vector<uint64_t>& sizes,
                     Listener& listener) {
  return HistoryCheck(snapshot, options, sizes, listener).Run(headers);
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/freshness.h"

#include "fs/check/report.h"
#include "fs/clock.h"
#include "fs/history/known_head.h"

namespace chainfs::fs::check {
namespace {

// The branches as the records give them, if these are proven; else those that can be proven one by
// one, and at the least the first one.
std::vector<Branch> BranchesOf(const Snapshot& snapshot, const History& history) {
  if (history.branches.empty()) return {};
  if (history.has_signed_root) return history.branches;
  const auto genesis = snapshot.txn().FindRecord(Sequence(0));
  if (!genesis) return {};
  auto read = ReadBranches(snapshot.txn(), ledger::LinkOf(*genesis), *history.head);
  return read ? std::move(*read) : std::vector<Branch>{history.branches.front()};
}

std::string Describe(const KnownHead& known) {
  std::string text = known.source + " (" + Count(known.checkpoint.size, "record");
  if (known.time_ns != 0) text += ", " + FormatUtc(known.time_ns);
  return text + ")";
}

class FreshnessCheck {
 public:
  FreshnessCheck(const Snapshot& snapshot, const History& history, Listener& listener)
      : snapshot_(snapshot),
        history_(history),
        branches_(BranchesOf(snapshot, history)),
        report_(Pass::kFreshness, listener) {}

  void Compare(const RememberedHead& remembered) {
    auto known =
        OpenKnownHead(remembered.checkpoint, history_.volume_id, history_.key, remembered.source);
    if (!known) {
      report_.Damage(FindingKind::kBadAnchor, known.error().message);
      return;
    }
    known->time_ns = remembered.time_ns;
    Take(IsProven(known->checkpoint)
             ? Standing::kExtended
             : CompareWithKnownHead(snapshot_.txn(), *history_.head, branches_, *known),
         *known);
  }

  PassResult Finish() const {
    if (report_.damage() > 0) return report_.Finish(Verdict::kFailed, reason_);
    if (superseded_ > 0) return report_.Finish(Verdict::kSuperseded, reason_);
    return report_.Finish(Verdict::kOk, "not older than " + Describe(*newest_));
  }

 private:
  // All records having been read, the tiles, which may be damaged, are not needed.
  bool IsProven(const ledger::Checkpoint& known) const {
    const auto root = history_.roots.find(known.size);
    return history_.has_signed_root && known.origin == history_.head->origin &&
           known.size <= history_.head->size && root != history_.roots.end() &&
           root->second == known.root;
  }

  void Take(Standing standing, KnownHead& known) {
    const uint64_t head_time = history_.newest ? history_.newest->time_ns : 0;
    const std::string heads = "\n" + DescribeHeads(*history_.head, head_time, known);
    switch (standing) {
      case Standing::kExtended:
        FillInTime(known);
        if (!newest_ || known.checkpoint.size > newest_->checkpoint.size) newest_ = known;
        return;
      case Standing::kSuperseded:
        ++superseded_;
        if (report_.damage() == 0)
          reason_ = "an accepted rollback ended the branch of " + Describe(known);
        report_.Note(
            FindingKind::kSuperseded,
            "the branch of a head that is remembered was ended by an accepted rollback" + heads);
        return;
      case Standing::kRollback:
        reason_ = "older than " + Describe(known);
        report_.Damage(FindingKind::kRollback,
                       "the vault is older than a head that is remembered" + heads);
        return;
      case Standing::kFork:
        reason_ = "does not go on from " + Describe(known);
        report_.Damage(FindingKind::kFork,
                       "the vault's history is not the one that is remembered" + heads);
        return;
    }
  }

  // A bare checkpoint does not say when it was; the record that it ends with does.
  void FillInTime(KnownHead& known) const {
    if (known.time_ns != 0 || known.checkpoint.size == 0) return;
    const auto encoded = snapshot_.txn().FindRecord(Sequence(known.checkpoint.size - 1));
    const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
    if (record) known.time_ns = record->time_ns;
  }

  const Snapshot& snapshot_;
  const History& history_;
  const std::vector<Branch> branches_;
  Report report_;
  std::optional<KnownHead> newest_;
  uint64_t superseded_ = 0;
  std::string reason_;
};

}  // namespace

PassResult CheckFreshness(const Snapshot& snapshot, const History& history,
                          const std::vector<RememberedHead>& remembered, Listener& listener) {
  if (remembered.empty()) {
    return {Pass::kFreshness, Verdict::kUnanchored,
            "no head is remembered outside the vault: an older copy could not be told"};
  }
  if (!history.head) {
    return {Pass::kFreshness, Verdict::kNotChecked,
            "the vault has no signed head that could be compared"};
  }
  FreshnessCheck check(snapshot, history, listener);
  for (const RememberedHead& one : remembered) check.Compare(one);
  return check.Finish();
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/objects/contents.h"

#include <algorithm>

#include "fs/check/objects/graveyard_check.h"
#include "fs/check/objects/lists_stream.h"
#include "fs/check/objects/lives.h"
#include "fs/check/objects/object_merge.h"

namespace chainfs::fs::check {
namespace {

constexpr uint64_t kProgressRecords = 1024;

// Ids below are not those of the record or of later ones. nullopt: the record before is damaged.
std::optional<ObjectId> FirstIdOf(const Snapshot& snapshot, const History& history,
                                  Sequence record) {
  if (record == Sequence(0)) return ObjectId(0);
  const Sequence before(record.value - 1);
  const auto encoded = snapshot.txn().FindRecord(before);
  const auto decoded = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
  if (!decoded || std::ranges::binary_search(history.altered, before)) return std::nullopt;
  return decoded->next_id;
}

// No larger than there are ids, as far as that is known.
uint64_t WindowOf(const Snapshot& snapshot, const History& history, ObjectId first_id,
                  uint64_t most) {
  uint64_t end = snapshot.last_object().value + 1;
  if (history.newest) end = std::max(end, history.newest->next_id.value);
  return end <= first_id.value ? 1 : std::min(most, end - first_id.value);
}

class ContentsCheck {
 public:
  ContentsCheck(Snapshot& snapshot, const History& history, Sequence first, ObjectId first_id,
                const CheckOptions& options, Listener& listener)
      : snapshot_(snapshot),
        history_(history),
        first_(first),
        integrity_(Pass::kIntegrity, listener),
        completeness_(Pass::kCompleteness, listener),
        runner_(options.threads),
        lists_(snapshot, history, first, first_id, runner_, options.pace, integrity_),
        lives_(first_id, WindowOf(snapshot, history, first_id, options.window_ids), integrity_,
               completeness_),
        graveyard_(ReadGraveyard(snapshot, newest()).place),
        merge_(snapshot, history, lists_, runner_, options.pace, integrity_, completeness_) {}

  ContentsResult Run() {
    WalkEnd end;
    bool first_round = true;
    do {
      lives_.BeginRound();
      end = lists_.ForEach([&](const RecordLists& lists) {
        lives_.Take(lists);
        if (first_round) graveyard_.Take(lists);
        const uint64_t done = lists.sequence.value + 1 - first_.value;
        if (done % kProgressRecords == 0) completeness_.SayProgress(done, records(), true);
      });
      if (end == WalkEnd::kDone && first_round) CheckGraveyard();
      lives_.EndRound();
      first_round = false;
      if (end == WalkEnd::kDone) end = merge_.Run(lives_);
    } while (end == WalkEnd::kDone && !lives_.IsLastRound());
    return {integrity_.Finish(Sound(end, false), Describe(integrity_, end)),
            completeness_.Finish(Sound(end, !is_decided()), Describe(completeness_, end))};
  }

 private:
  Sequence newest() const { return Sequence(history_.records - 1); }
  uint64_t records() const { return history_.records - first_.value; }
  bool is_decided() const { return !lists_.any_lost() && !merge_.is_undecided(); }

  void CheckGraveyard() {
    if (first_ != Sequence(0) || lists_.any_lost() || lists_.unproven() > 0) return;
    if (ReadGraveyard(snapshot_, newest()).sound) graveyard_.Finish(completeness_);
  }

  Verdict Sound(WalkEnd end, bool undecided) const {
    const bool all = end == WalkEnd::kDone && !undecided && lists_.unproven() == 0;
    return all ? Verdict::kOk : Verdict::kNotChecked;
  }

  std::string Describe(const Report& report, WalkEnd end) const {
    std::string text;
    if (report.damage() > 0) {
      text = Count(report.damage(), "finding");
      if (end != WalkEnd::kDone) text += std::string("; then ") + ReasonOf(end);
    } else if (end != WalkEnd::kDone) {
      return ReasonOf(end);
    } else if (lists_.unproven() > 0) {
      text = "not proven, by " + Count(lists_.unproven(), "damaged record");
    } else if (&report == &completeness_ && lists_.any_lost()) {
      text = "lists are lost: what they say was born or reaped is not known";
    } else if (&report == &completeness_ && merge_.is_undecided()) {
      text = "what was reaped since the check began is not proven";
    } else {
      text = Count(merge_.objects(), "object") + ", " + std::to_string(merge_.bytes()) + " bytes";
    }
    if (first_ != Sequence(0)) {
      text += ", of what was written since record " + std::to_string(first_.value) + " only";
    }
    if (history_.result.verdict == Verdict::kFailed) {
      text += "; by records that HISTORY does not vouch for";
    }
    return text;
  }

  Snapshot& snapshot_;
  const History& history_;
  const Sequence first_;
  Report integrity_, completeness_;
  BatchRunner runner_;
  ListsStream lists_;
  Lives lives_;
  GraveyardCheck graveyard_;
  ObjectMerge merge_;
};

}  // namespace

ContentsResult CheckContents(Snapshot& snapshot, const History& history, Sequence first,
                             const CheckOptions& options, Listener& listener) {
  ContentsResult result;
  const auto first_id = FirstIdOf(snapshot, history, first);
  if (history.records == 0 || !first_id || first.value > history.records) {
    result.integrity.reason = result.completeness.reason =
        history.records == 0 ? "there are no records to check by"
                             : "the record before the first one to be checked is damaged";
    return result;
  }
  return ContentsCheck(snapshot, history, first, *first_id, options, listener).Run();
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/check.h"

#include <cassert>

#include "fs/check/contents.h"
#include "fs/check/freshness.h"
#include "fs/check/history.h"
#include "fs/check/snapshot.h"
#include "ledger/checkpoint.h"

namespace chainfs::fs::check {
namespace {

std::vector<PassResult> NothingChecked(const std::string& why) {
  std::vector<PassResult> results;
  for (const Pass pass : {Pass::kHistory, Pass::kIntegrity, Pass::kCompleteness, Pass::kFreshness,
                          Pass::kStructure}) {
    results.push_back({pass, Verdict::kNotChecked, why});
  }
  return results;
}

PassResult RunStructure(const StructureCheck& structure, const History& history,
                        Listener& listener) {
  PassResult result{Pass::kStructure, Verdict::kNotChecked, {}};
  if (!structure) {
    result.reason = "needs the key";
  } else if (listener.IsCancelled()) {
    result.reason = "cancelled";
  } else if (!history.newest) {
    result.reason = "the newest record is damaged: the root of the tree is not known";
  } else {
    result = structure(*history.newest, listener);
  }
  return result;
}

// What is checked begins with the record after the head that was given; that head must be of this
// history, or what came before it was never checked.
bool IsOfThisHistory(const RememberedHead& since, const History& history) {
  if (!history.head || !history.root_at_since) return false;
  const auto claimed = ledger::ParseCheckpointUnverified(since.checkpoint);
  const auto opened =
      ledger::OpenCheckpoint(since.checkpoint, {claimed ? claimed->origin : "", history.key});
  return opened && opened->root == *history.root_at_since && history.has_signed_root;
}

}  // namespace

std::vector<PassResult> CheckVault(const store::Store& store, const store::HeaderCopies& headers,
                                   const CheckOptions& options, Listener& listener) {
  assert(options.threads > 0);
  auto snapshot = Snapshot::Take(store, options.hold, options.renew_after);
  if (!snapshot) return NothingChecked(snapshot.error().message);
  std::optional<uint64_t> since_size;
  if (options.since) {
    const auto claimed = ledger::ParseCheckpointUnverified(options.since->checkpoint);
    since_size = claimed ? claimed->size : 0;
  }
  const History history = CheckHistory(*snapshot, headers, options, since_size, listener);
  ContentsResult contents;
  if (options.since && !IsOfThisHistory(*options.since, history)) {
    contents.integrity.reason = contents.completeness.reason =
        options.since->source + " is no head of this history: nothing is known to begin at";
  } else {
    contents =
        CheckContents(*snapshot, history, Sequence(since_size.value_or(0)), options, listener);
  }
  const PassResult freshness = CheckFreshness(*snapshot, history, options.remembered, listener);
  return {history.result, contents.integrity, contents.completeness, freshness,
          RunStructure(options.structure, history, listener)};
}

}  // namespace chainfs::fs::check

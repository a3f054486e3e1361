// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/check.h"

#include <cassert>

#include "fs/check/ledger/freshness.h"
#include "fs/check/ledger/history.h"
#include "fs/check/objects/contents.h"
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
    result = structure(*history.newest, history.altered, listener);
  }
  return result;
}

std::optional<uint64_t> SizeOf(const RememberedHead& head) {
  const auto claimed = ledger::ParseCheckpointUnverified(head.checkpoint);
  return claimed ? std::optional(claimed->size) : std::nullopt;
}

// What is checked begins with the record after the head that was given; that head must be of this
// history, or what came before it was never checked.
bool IsOfThisHistory(const RememberedHead& since, const History& history) {
  if (!history.head || !history.has_signed_root) return false;
  const auto claimed = ledger::ParseCheckpointUnverified(since.checkpoint);
  if (!claimed) return false;
  const auto opened = ledger::OpenCheckpoint(since.checkpoint, {claimed->origin, history.key});
  const auto root = history.roots.find(claimed->size);
  return opened && root != history.roots.end() && opened->root == root->second;
}

}  // namespace

std::vector<PassResult> CheckVault(const store::Store& store, const store::HeaderCopies& headers,
                                   const CheckOptions& options, Listener& listener) {
  assert(options.threads > 0);
  auto snapshot = Snapshot::Take(store, options.hold, options.renew_after);
  if (!snapshot) return NothingChecked(snapshot.error().message);
  std::vector<uint64_t> sizes;
  for (const RememberedHead& head : options.remembered) {
    if (const auto size = SizeOf(head)) sizes.push_back(*size);
  }
  const uint64_t since = options.since ? SizeOf(*options.since).value_or(0) : 0;
  sizes.push_back(since);
  const History history = CheckHistory(*snapshot, headers, options, sizes, listener);
  ContentsResult contents;
  if (options.since && !IsOfThisHistory(*options.since, history)) {
    contents.integrity.reason = contents.completeness.reason =
        options.since->source + " is no head of this history";
  } else {
    contents = CheckContents(*snapshot, history, Sequence(since), options, listener);
  }
  const PassResult freshness = CheckFreshness(*snapshot, history, options.remembered, listener);
  return {history.result, contents.integrity, contents.completeness, freshness,
          RunStructure(options.structure, history, listener)};
}

}  // namespace chainfs::fs::check

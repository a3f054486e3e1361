// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/structure_run.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kNodeCacheBytes = 8 << 20;
constexpr uint64_t kObjectsPerQuestion = 256;
constexpr uint64_t kObjectsPerQuestionOfTheSlow = 16;

}  // namespace

StructureRun::StructureRun(const store::Store& store_in, const crypto::ObjectSealer& sealer_in,
                           const crypto::NameHasher& hasher_in, const ChainHead& head_in,
                           RetentionHold* hold, Pace* pace, Listener& listener)
    : store(store_in),
      sealer(sealer_in),
      hasher(hasher_in),
      head(head_in),
      nodes(store_in, sealer_in, kNodeCacheBytes),
      tree(nodes),
      findings(nodes, tree, head_in.root, listener),
      hold_(hold),
      pace_(pace),
      listener_(listener) {
  progress_.total = head_in.live_objects;
}

bool StructureRun::GoOn() {
  if (!stopped_.empty()) return false;
  const uint64_t every = pace_ != nullptr ? kObjectsPerQuestionOfTheSlow : kObjectsPerQuestion;
  if (asked_++ % every != 0) return true;
  if (listener_.IsCancelled()) Stop("cancelled");
  if (stopped_.empty()) (void)IsDamage();
  ReportProgress();
  return stopped_.empty();
}

bool StructureRun::IsDamage() {
  if (!stopped_.empty()) return false;
  if (hold_ == nullptr || hold_->StillHeld()) return true;
  Stop("the hold was lost: what the vault was when the check began is no longer kept");
  return false;
}

void StructureRun::Stop(const std::string& why) {
  if (stopped_.empty()) stopped_ = why;
}

void StructureRun::ReportProgress() { listener_.OnProgress(progress_); }

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// Holds on the graveyard: while somebody walks the tree as it was at one head, what died after that
// head must not be reaped, or the walker would take the live volume for a damaged one.
//
// A hold is a wish, not a lock: when writers would have to be refused for want of space, all holds
// are broken, and who has one finds out by asking. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "crypto/base/types.h"

namespace chainfs::fs {

// Given back by letting go of it; may outlive the volume.
class RetentionHold {
 public:
  explicit RetentionHold(Sequence head) : head_(head) {}

  // Nothing that died in a later record than this one is reaped.
  Sequence head() const { return head_; }
  // False: not any more, and it never will be again.
  bool IsHeld() const { return held_.load(); }
  void Break() { held_ = false; }

 private:
  const Sequence head_;
  std::atomic<bool> held_{true};
};

class RetentionHolds {
 public:
  // REQUIRES: nothing that died after `head` has been reaped, nor is being reaped.
  std::shared_ptr<RetentionHold> Hold(Sequence head);
  // The smallest head that is held; nullopt: nothing is.
  std::optional<Sequence> Oldest();
  void BreakAll();

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<RetentionHold>> holds_;  // guarded by mutex_
};

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/retention_holds.h"

#include <algorithm>

namespace chainfs::fs {

std::shared_ptr<RetentionHold> RetentionHolds::Hold(Sequence head) {
  auto hold = std::make_shared<RetentionHold>(head);
  std::lock_guard lock(mutex_);
  std::erase_if(holds_, [](const auto& one) { return one.expired(); });
  holds_.push_back(hold);
  return hold;
}

std::optional<Sequence> RetentionHolds::Oldest() {
  std::optional<Sequence> oldest;
  std::lock_guard lock(mutex_);
  for (const auto& one : holds_) {
    const auto hold = one.lock();
    if (hold && hold->IsHeld()) oldest = std::min(oldest.value_or(hold->head()), hold->head());
  }
  return oldest;
}

void RetentionHolds::BreakAll() {
  std::lock_guard lock(mutex_);
  for (const auto& one : holds_) {
    if (const auto hold = one.lock()) hold->Break();
  }
  holds_.clear();
}

}  // namespace chainfs::fs

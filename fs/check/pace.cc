// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/pace.h"

#include <algorithm>

namespace chainfs::fs::check {
namespace {

// Shorter waits are put off and added up: each takes longer than it should.
constexpr auto kShortestWait = std::chrono::milliseconds(10);
constexpr uint64_t kPortionsPerSecond = 8;
constexpr uint64_t kSmallestPortion = 64 << 10;

}  // namespace

void Pace::Spend(uint64_t bytes) {
  if (bytes_per_second_ == 0) return;
  const std::chrono::duration<double> cost(static_cast<double>(bytes) /
                                           static_cast<double>(bytes_per_second_));
  std::unique_lock lock(mutex_);
  const auto now = Clock::now();
  free_ = std::max(free_, now) + std::chrono::duration_cast<Clock::duration>(cost);
  if (free_ - now < kShortestWait) return;
  stop_.wait_until(lock, free_, [this] { return stopped_; });
}

void Pace::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stop_.notify_all();
}

uint64_t Pace::portion_bytes() const {
  if (bytes_per_second_ == 0) return UINT64_MAX;
  return std::max(bytes_per_second_ / kPortionsPerSecond, kSmallestPortion);
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// How fast a check may read: beside programs that want the disk, too. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace chainfs::fs::check {

class Pace {
 public:
  // 0: as fast as it goes.
  explicit Pace(uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

  // That so many bytes are about to be read: waits until that is within the limit. What was not
  // used up earlier is gone.
  void Spend(uint64_t bytes);
  // Nobody waits from now on: the check is to end.
  void Stop();

  // So many bytes at most are to be read at one go, so that what waits in between does not wait
  // for long.
  uint64_t portion_bytes() const;

 private:
  using Clock = std::chrono::steady_clock;
  const uint64_t bytes_per_second_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ = false;      // guarded by mutex_
  Clock::time_point free_{};  // guarded by mutex_: when all that was spent is paid for
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// One line on a terminal that says how far a long work is, how fast it goes, and how long it will
// still take; nothing where stderr is no terminal, or a dumb one. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace chainfs::tools {

class ProgressLine {
 public:
  enum class Unit { kBytes, kItems };

  explicit ProgressLine(bool wanted = true);
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // A few times a second at most. `total`: 0 if it is not known. Another `what` starts anew.
  void Show(const std::string& what, uint64_t done, uint64_t total, Unit unit);
  // Takes the line away, so that something else can be printed.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  const bool wanted_;
  bool shown_ = false;
  std::string what_;
  Clock::time_point began_{}, last_{};
  uint64_t done_at_begin_ = 0;
};

// "1:02:03", "4:05", "0:07".
std::string FormatDuration(std::chrono::seconds duration);

}  // namespace chainfs::tools

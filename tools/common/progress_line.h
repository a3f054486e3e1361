// SPDX-License-Identifier: GPL-3.0-or-later
// How far a long command has come, in one line on the terminal that is drawn over and over.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace chainfs::tools {

// Writes to stderr, if that is a terminal, at most ten times a second. Not thread-safe.
class ProgressLine {
 public:
  // "<what> 1234 of 70000"
  explicit ProgressLine(std::string what);
  ~ProgressLine();  // wipes the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(uint64_t done, uint64_t total);

 private:
  const std::string what_;
  const bool on_terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace chainfs::tools

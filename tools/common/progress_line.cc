// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/progress_line.h"

#include <unistd.h>

#include <cstdio>

namespace chainfs::tools {

using std::chrono::steady_clock;

ProgressLine::ProgressLine(std::string what)
    : what_(std::move(what)), on_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::Show(uint64_t done, uint64_t total) {
  if (!on_terminal_ || steady_clock::now() < next_) return;
  std::fprintf(stderr, "\r\033[K%s %s of %s", what_.c_str(), std::to_string(done).c_str(),
               std::to_string(total).c_str());
  std::fflush(stderr);
  shown_ = true;
  next_ = steady_clock::now() + std::chrono::milliseconds(100);
}

}  // namespace chainfs::tools

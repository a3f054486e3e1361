// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(200);
constexpr double kSettled = 1.0;  // seconds; before, a rate says nothing

// A line that is drawn over and over needs a terminal that can wipe it.
bool CanRedraw() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && std::string(terminal == nullptr ? "" : terminal) != "dumb";
}

std::string Amount(uint64_t number, ProgressLine::Unit unit) {
  return unit == ProgressLine::Unit::kItems ? std::to_string(number) : FormatSize(number);
}

}  // namespace

ProgressLine::ProgressLine(bool wanted) : wanted_(wanted && CanRedraw()) {}

void ProgressLine::Show(const std::string& what, uint64_t done, uint64_t total, Unit unit) {
  if (!wanted_) return;
  const auto now = Clock::now();
  if (what_ != what || done < done_at_begin_) {
    what_ = what;
    began_ = now;
    done_at_begin_ = done;
  } else if (now - last_ < kInterval) {
    return;
  }
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = static_cast<double>(done - done_at_begin_) / seconds;
  std::string line = what + "  ";
  if (total > 0) {
    const double percent = static_cast<double>(done) * 100 / static_cast<double>(total);
    line += std::to_string(std::min(100, static_cast<int>(percent))) + " %  ";
  }
  line += Amount(done, unit);
  if (seconds >= kSettled && rate >= 1) {
    line += "  " + Amount(static_cast<uint64_t>(rate), unit) + "/s";
    if (total > done) {
      const double left = static_cast<double>(total - done) / rate;
      line += "  " + FormatDuration(std::chrono::seconds(static_cast<int64_t>(left))) + " left";
    }
  }
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::Clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

std::string FormatDuration(std::chrono::seconds duration) {
  const long long all = duration.count();
  char text[32];
  if (all >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", all / 60, all % 60);
  }
  return text;
}

}  // namespace chainfs::tools

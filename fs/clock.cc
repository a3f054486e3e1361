// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/clock.h"

#include <ctime>

namespace chainfs::fs {

Timestamp Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
}

uint64_t RealtimeNs() {
  const Timestamp now = Now();
  return static_cast<uint64_t>(now.seconds) * 1'000'000'000 + now.nanoseconds;
}

std::string FormatUtc(uint64_t realtime_ns) {
  const auto seconds = static_cast<std::time_t>(realtime_ns / 1'000'000'000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
  return text;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/size_text.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <limits>

#include "fs/clock.h"

namespace chainfs::tools {
namespace {

constexpr uint64_t kMaxBytes = std::numeric_limits<int64_t>::max();

}  // namespace

std::optional<uint64_t> ParseNumber(std::string_view text, uint64_t maximum) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > maximum) return {};
  return value;
}

std::optional<uint64_t> ParseSize(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  auto number = ParseNumber(text.substr(0, digits), kMaxBytes);
  if (!number) return {};
  std::string_view unit = text.substr(digits);
  if (unit.empty() || unit == "B") return number;

  constexpr std::string_view kUnits = "KMGT";
  size_t power = kUnits.find(static_cast<char>(std::toupper(static_cast<unsigned char>(unit[0]))));
  std::string_view rest = unit.substr(1);
  if (power == kUnits.npos || !(rest.empty() || rest == "B" || rest == "iB")) return {};
  unsigned shift = static_cast<unsigned>(power + 1) * 10;
  if (*number > (kMaxBytes >> shift)) return {};
  return *number << shift;
}

std::string FormatSize(uint64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1023.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  const char* form = unit > 0 && value < 99.95 ? "%.1f %s" : "%.0f %s";
  std::snprintf(text, sizeof text, form, value, kUnits[unit]);
  return text;
}

std::string FormatTime(uint64_t nanoseconds) {
  return nanoseconds == 0 ? "never" : fs::FormatUtc(nanoseconds);
}

std::string VolumeIdText(const VolumeId& id) {
  std::string text;
  for (uint8_t byte : id) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

}  // namespace chainfs::tools

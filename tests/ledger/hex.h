// SPDX-License-Identifier: GPL-3.0-or-later
// Hexadecimal text for golden bytes; spaces and newlines between digits are skipped.
#pragma once

#include <cctype>
#include <stdexcept>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::ledger {

inline std::string ToHex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

inline Bytes FromHex(std::string_view text) {
  Bytes out;
  int high = -1;
  for (char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) continue;
    const size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) throw std::invalid_argument("not hex");
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      out.push_back(static_cast<uint8_t>(high * 16 + static_cast<int>(digit)));
      high = -1;
    }
  }
  if (high >= 0) throw std::invalid_argument("odd number of hex digits");
  return out;
}

}  // namespace chainfs::ledger

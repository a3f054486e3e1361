// SPDX-License-Identifier: GPL-3.0-or-later
// Published vectors are printed in hex and in ASCII; tests compare them as such.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::test {

inline uint8_t HexDigit(char c) {
  return static_cast<uint8_t>(std::string_view("0123456789abcdef").find(c));
}

inline Bytes FromHex(std::string_view hex) {
  Bytes out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<uint8_t>(HexDigit(hex[i]) << 4 | HexDigit(hex[i + 1])));
  }
  return out;
}

inline std::string ToHex(ByteView bytes) {
  std::string out;
  for (uint8_t b : bytes) {
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
  }
  return out;
}

inline Bytes FromText(std::string_view text) { return Bytes(text.begin(), text.end()); }

// The bytes 0, 1, 2, ... (modulo 256).
inline Bytes Counting(size_t n) {
  Bytes out(n);
  std::ranges::generate(out, [i = 0]() mutable { return static_cast<uint8_t>(i++); });
  return out;
}

}  // namespace chainfs::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base64.h"

#include <algorithm>

namespace chainfs::crypto {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 64;

constexpr std::array<uint8_t, 256> MakeValues() {
  std::array<uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (uint8_t value = 0; value < 64; ++value) values[static_cast<uint8_t>(kDigits[value])] = value;
  return values;
}

constexpr std::array<uint8_t, 256> kValues = MakeValues();

size_t CountPadding(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::string EncodeBase64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? bytes[at + i] : 0u);
    for (size_t i = 0; i < 4; ++i) {
      text += i <= count ? kDigits[group >> (18 - 6 * i) & 63] : '=';
    }
  }
  return text;
}

std::optional<Bytes> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  text.remove_suffix(CountPadding(text));
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (char c : text) {
    const uint8_t value = kValues[static_cast<uint8_t>(c)];
    if (value == kNoDigit) return std::nullopt;
    pending = pending << 6 | value;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    bytes.push_back(static_cast<uint8_t>(pending >> pending_bits));
    pending &= (1u << pending_bits) - 1;
  }
  // What is left over after the last byte: else several texts would mean the same bytes.
  if (pending != 0) return std::nullopt;
  return bytes;
}

}  // namespace chainfs::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/text.h"

#include <charconv>

namespace chainfs::fs::anchor {
namespace {

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

bool StaysAsItIs(uint8_t byte) { return byte > 0x20 && byte < 0x7f && byte != '%'; }

std::optional<uint8_t> ParseByte(char high, char low, std::string_view digits) {
  const size_t h = digits.find(high), l = digits.find(low);
  if (h == std::string_view::npos || l == std::string_view::npos) return {};
  return static_cast<uint8_t>(h << 4 | l);
}

}  // namespace

std::string ToHex(ByteView bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    out += kLowerDigits[byte >> 4];
    out += kLowerDigits[byte & 15];
  }
  return out;
}

bool ParseHex(std::string_view text, MutableByteView out) {
  if (text.size() != 2 * out.size()) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    const std::optional<uint8_t> byte = ParseByte(text[2 * i], text[2 * i + 1], kLowerDigits);
    if (!byte) return false;
    out[i] = *byte;
  }
  return true;
}

std::optional<uint64_t> ParseDecimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return {};
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::string PercentEncode(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (StaysAsItIs(byte)) {
      out += c;
    } else {
      out += {'%', kUpperDigits[byte >> 4], kUpperDigits[byte & 15]};
    }
  }
  return out;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (StaysAsItIs(static_cast<uint8_t>(text[at]))) {
      out += text[at];
      continue;
    }
    if (text[at] != '%' || text.size() - at < 3) return {};
    const std::optional<uint8_t> byte = ParseByte(text[at + 1], text[at + 2], kUpperDigits);
    if (!byte || StaysAsItIs(*byte)) return {};
    out += static_cast<char>(*byte);
    at += 2;
  }
  return out;
}

}  // namespace chainfs::fs::anchor

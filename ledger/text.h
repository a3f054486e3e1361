// SPDX-License-Identifier: GPL-3.0-or-later
// What the ledger's text formats are made of: lines, decimal and hexadecimal numbers, base64
// digests. Each has one form only; a decoder refuses every other. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::ledger {

ByteView BytesOf(std::string_view text);
std::string_view TextOf(ByteView bytes);

// Without leading zeros. nullopt: no digits or other characters, or 2^64 and more.
std::optional<uint64_t> DecodeDecimal(std::string_view text);

// Two lower-case digits a byte.
std::string EncodeHex(ByteView bytes);
// Fills `out`. false, with `out` in no particular state: `text` is not out.size() bytes in
// lower-case digits.
[[nodiscard]] bool DecodeHex(std::string_view text, MutableByteView out);

// 32 bytes in base64. nullopt: something else.
std::optional<Digest> DecodeDigest(std::string_view base64);

// Takes a text apart, line by line; every line ends in a newline.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}
  // The next line, without its newline. nullopt: nothing is left, or no newline.
  std::optional<std::string_view> Next();
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace chainfs::ledger

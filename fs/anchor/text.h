// SPDX-License-Identifier: GPL-3.0-or-later
// The spellings that anchor files are made of. Each value has exactly one, so what parses is
// spelt again as the same bytes; anything else is refused. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::fs::anchor {

// Lower case.
std::string ToHex(ByteView bytes);
// False: not exactly 2 * out.size() lower-case digits.
[[nodiscard]] bool ParseHex(std::string_view text, MutableByteView out);

// No sign, no leading zero, at most 2^64 - 1.
std::optional<uint64_t> ParseDecimal(std::string_view text);

// Bytes 0x21 to 0x7e stay, but for '%'; every other one becomes %XX (RFC 3986, section 2.1, with
// upper-case digits). So a path is one word of printable ASCII, whatever bytes it has.
std::string PercentEncode(std::string_view bytes);
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace chainfs::fs::anchor

// SPDX-License-Identifier: GPL-3.0-or-later
// Base 64 (RFC 4648, section 4): for keys and signatures that stand in texts. Not for secrets: its
// tables make the time depend on the bytes. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::crypto {

// With padding, without line breaks.
std::string EncodeBase64(ByteView bytes);
// nullopt: anything that EncodeBase64 does not write, such as missing padding, white space, or
// bits past the last byte that are not zero.
std::optional<Bytes> DecodeBase64(std::string_view text);

}  // namespace chainfs::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
// Sizes, numbers, times and ids as people write and read them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/types.h"

namespace chainfs::tools {

// "4096", "64K", "256MiB": digits, then at most one of K M G T (powers of 1024),
// then at most "iB" or "B". nullopt: anything else, or more than 2^63 - 1 bytes.
std::optional<uint64_t> ParseSize(std::string_view text);

// Digits only, up to `maximum`.
std::optional<uint64_t> ParseNumber(std::string_view text, uint64_t maximum);

// "0 B", "4.0 KiB", "256 MiB": three figures at most.
std::string FormatSize(uint64_t bytes);

// "2026-02-03 04:05:06 UTC" of nanoseconds since the epoch; "never" of 0.
std::string FormatTime(uint64_t nanoseconds);

// 32 hex digits.
std::string VolumeIdText(const VolumeId& id);

}  // namespace chainfs::tools

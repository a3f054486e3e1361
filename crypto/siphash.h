// SPDX-License-Identifier: GPL-3.0-or-later
// SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012). OpenSSL's needs a context, and
// so an allocation, for every message; this is on the path of every lookup. Thread-safe.
#pragma once

#include <array>

#include "crypto/base/types.h"

namespace chainfs::crypto {

constexpr size_t kSipHashKeyBytes = 16;

uint64_t SipHash24(std::span<const uint8_t, kSipHashKeyBytes> key, ByteView message);

}  // namespace chainfs::crypto

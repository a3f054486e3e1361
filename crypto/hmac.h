// SPDX-License-Identifier: GPL-3.0-or-later
// HMAC-SHA256 (RFC 2104, FIPS 198-1). Thread-safe.
#pragma once

#include "crypto/base/types.h"

namespace chainfs::crypto {

// Compare with EqualConstantTime.
Digest HmacSha256(ByteView key, ByteView message);

}  // namespace chainfs::crypto

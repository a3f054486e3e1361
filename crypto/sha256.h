// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 (FIPS 180-4). Thread-safe free functions.
#pragma once

#include <initializer_list>

#include "crypto/base/types.h"

namespace chainfs::crypto {

Digest Sha256(ByteView data);
Digest Sha256(std::initializer_list<ByteView> parts);  // of the concatenation

}  // namespace chainfs::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
// HKDF-SHA256 (RFC 5869): extract and expand in one step. Thread-safe.
#pragma once

#include <string_view>

#include "crypto/secret.h"

namespace chainfs::crypto {

// `size_bytes` bytes derived from `key` for the use that `info` names.
// REQUIRES: 0 < size_bytes <= 255 * 32; info.size() <= 1024 (OpenSSL's limit).
SecretBytes HkdfSha256(ByteView key, ByteView salt, ByteView info, size_t size_bytes);

}  // namespace chainfs::crypto

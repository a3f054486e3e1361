// SPDX-License-Identifier: GPL-3.0-or-later
// Ed25519 (RFC 8032). Thread-safe.
#pragma once

#include "crypto/base/types.h"
#include "crypto/secret.h"

namespace chainfs::crypto {

using PublicKey = std::array<uint8_t, 32>;
using Signature = std::array<uint8_t, 64>;

PublicKey Ed25519PublicKey(const SecretKey& seed);
Signature Ed25519Sign(const SecretKey& seed, ByteView message);
[[nodiscard]] bool Ed25519Verify(const PublicKey& key, ByteView message,
                                 const Signature& signature);

}  // namespace chainfs::crypto

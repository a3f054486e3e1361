// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hmac.h"

#include <openssl/hmac.h>

#include "crypto/openssl.h"

namespace chainfs::crypto {

Digest HmacSha256(ByteView key, ByteView message) {
  Digest mac;
  RequireOpenSsl(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(),
                      message.size(), mac.data(), nullptr) != nullptr,
                 "HMAC-SHA256");
  return mac;
}

}  // namespace chainfs::crypto

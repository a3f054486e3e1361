// SPDX-License-Identifier: GPL-3.0-or-later
// Owners for OpenSSL's handles, and the one way its internal failures surface. Only crypto/*.cc
// and crypto's internal headers include this.
#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>

namespace chainfs::crypto {

template <auto Free>
struct OpenSslDeleter {
  template <class Handle>
  void operator()(Handle* handle) const {
    Free(handle);
  }
};

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpenSslDeleter<EVP_CIPHER_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, OpenSslDeleter<EVP_MD_CTX_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, OpenSslDeleter<EVP_KDF_CTX_free>>;
using SignatureKey = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY_free>>;

// Throws std::runtime_error with OpenSSL's reason.
[[noreturn]] void ThrowOpenSslFailure(const char* operation);

// For what cannot fail but by a broken installation or lack of memory; never for what data decides.
inline void RequireOpenSsl(bool ok, const char* operation) {
  if (!ok) ThrowOpenSslFailure(operation);
}

}  // namespace chainfs::crypto

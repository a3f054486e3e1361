// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hkdf.h"

#include <openssl/core_names.h>

#include "crypto/openssl.h"

namespace chainfs::crypto {
namespace {

// OpenSSL's parameters take pointers to mutable memory even where it only reads.
OSSL_PARAM OctetParam(const char* name, ByteView bytes) {
  static const uint8_t kNothing = 0;
  const uint8_t* data = bytes.empty() ? &kNothing : bytes.data();
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(data), bytes.size());
}

}  // namespace

SecretBytes HkdfSha256(ByteView key, ByteView salt, ByteView info, size_t size_bytes) {
  static EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  RequireOpenSsl(kdf != nullptr, "HKDF");
  KdfContext context(EVP_KDF_CTX_new(kdf));
  RequireOpenSsl(context != nullptr, "HKDF");
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OctetParam(OSSL_KDF_PARAM_KEY, key),
      OctetParam(OSSL_KDF_PARAM_SALT, salt),
      OctetParam(OSSL_KDF_PARAM_INFO, info),
      OSSL_PARAM_construct_end(),
  };
  SecretBytes out(size_bytes);
  RequireOpenSsl(EVP_KDF_derive(context.get(), out.mutable_view().data(), out.size(), params) == 1,
                 "HKDF");
  return out;
}

}  // namespace chainfs::crypto

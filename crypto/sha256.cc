// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/sha256.h"

#include "crypto/openssl.h"

namespace chainfs::crypto {
namespace {

// Looking an algorithm up by name costs more than hashing a node, and so does making a context:
// both are kept.
EVP_MD_CTX* FreshContext() {
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local DigestContext context(EVP_MD_CTX_new());
  RequireOpenSsl(md && context && EVP_DigestInit_ex(context.get(), md, nullptr), "SHA-256");
  return context.get();
}

}  // namespace

Digest Sha256(ByteView data) { return Sha256({data}); }

Digest Sha256(std::initializer_list<ByteView> parts) {
  EVP_MD_CTX* context = FreshContext();
  for (ByteView part : parts) {
    RequireOpenSsl(EVP_DigestUpdate(context, part.data(), part.size()), "SHA-256");
  }
  Digest digest;
  RequireOpenSsl(EVP_DigestFinal_ex(context, digest.data(), nullptr), "SHA-256");
  return digest;
}

}  // namespace chainfs::crypto

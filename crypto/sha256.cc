// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/sha256.h"

#include "crypto/openssl.h"

namespace chainfs::crypto {
namespace {

void Begin(EVP_MD_CTX* context) {
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  RequireOpenSsl(md && context && EVP_DigestInit_ex(context, md, nullptr), "SHA-256");
}

// Looking an algorithm up by name costs more than hashing a node, and so does making a context:
// both are kept.
EVP_MD_CTX* FreshContext() {
  thread_local DigestContext context(EVP_MD_CTX_new());
  Begin(context.get());
  return context.get();
}

Digest FinishIn(EVP_MD_CTX* context) {
  Digest digest;
  RequireOpenSsl(EVP_DigestFinal_ex(context, digest.data(), nullptr), "SHA-256");
  return digest;
}

}  // namespace

Digest Sha256(ByteView data) { return Sha256({data}); }

Digest Sha256(std::initializer_list<ByteView> parts) {
  EVP_MD_CTX* context = FreshContext();
  for (ByteView part : parts) {
    RequireOpenSsl(EVP_DigestUpdate(context, part.data(), part.size()), "SHA-256");
  }
  return FinishIn(context);
}

struct Sha256Hasher::Context {
  DigestContext handle{EVP_MD_CTX_new()};
};

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {
  Begin(context_->handle.get());
}
Sha256Hasher::~Sha256Hasher() = default;

void Sha256Hasher::Update(ByteView part) {
  const bool taken = EVP_DigestUpdate(context_->handle.get(), part.data(), part.size());
  RequireOpenSsl(taken, "SHA-256");
}

Digest Sha256Hasher::Finish() { return FinishIn(context_->handle.get()); }

}  // namespace chainfs::crypto

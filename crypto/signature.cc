// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/signature.h"

#include <cassert>

#include "crypto/openssl.h"

namespace chainfs::crypto {
namespace {

constexpr size_t kSeedBytes = 32;

SignatureKey FromSeed(const SecretKey& seed) {
  assert(seed.size() == kSeedBytes);
  SignatureKey key(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.view().data(),
                                                   seed.size()));
  RequireOpenSsl(key != nullptr, "Ed25519 key");
  return key;
}

DigestContext NewContext() {
  DigestContext context(EVP_MD_CTX_new());
  RequireOpenSsl(context != nullptr, "EVP_MD_CTX_new");
  return context;
}

}  // namespace

PublicKey Ed25519PublicKey(const SecretKey& seed) {
  PublicKey key;
  size_t size = key.size();
  RequireOpenSsl(EVP_PKEY_get_raw_public_key(FromSeed(seed).get(), key.data(), &size) == 1,
                 "Ed25519 public key");
  return key;
}

Signature Ed25519Sign(const SecretKey& seed, ByteView message) {
  SignatureKey key = FromSeed(seed);
  DigestContext context = NewContext();
  Signature signature;
  size_t size = signature.size();
  RequireOpenSsl(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                     EVP_DigestSign(context.get(), signature.data(), &size, message.data(),
                                    message.size()) == 1,
                 "Ed25519 signature");
  return signature;
}

bool Ed25519Verify(const PublicKey& key, ByteView message, const Signature& signature) {
  SignatureKey handle(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, key.data(), key.size()));
  RequireOpenSsl(handle != nullptr, "Ed25519 key");
  DigestContext context = NewContext();
  RequireOpenSsl(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1,
                 "Ed25519 verification");
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace chainfs::crypto

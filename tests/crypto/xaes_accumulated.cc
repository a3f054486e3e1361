// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/crypto/xaes_accumulated.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "crypto/base/byte_order.h"
#include "crypto/xaes256gcm.h"
#include "tests/crypto/hex.h"

namespace chainfs::test {
namespace {

class Shake128 {
 public:
  Shake128() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_shake128(), nullptr);
  }
  void Absorb(ByteView bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  // OpenSSL 3.0 squeezes once only: all that will be needed comes at one go.
  Bytes Squeeze(size_t size_bytes) {
    Bytes out(size_bytes);
    EVP_DigestFinalXOF(context_.get(), out.data(), out.size());
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string AccumulateXaes(size_t iterations) {
  // An iteration draws 313 bytes on average; the sum strays from that by far less than 2 %.
  const Bytes stream = Shake128().Squeeze(iterations * 320 + 10'000);
  Reader random(stream);
  Shake128 accumulated;
  Bytes sealed, opened;
  for (size_t i = 0; i < iterations; ++i) {
    const crypto::Xaes256Gcm cipher(crypto::SecretKey::CopyOf(random.Raw(32)));
    const auto nonce = random.Array<24>();
    const ByteView plaintext = random.Raw(random.Int<uint8_t>());
    const ByteView aad = random.Raw(random.Int<uint8_t>());
    if (!random.ok()) return "the random stream is too short";
    sealed.resize(plaintext.size() + kTagBytes);
    cipher.Seal(nonce, aad, {&plaintext, 1}, sealed);
    accumulated.Absorb(sealed);
    opened.resize(plaintext.size());
    if (!cipher.Open(nonce, aad, sealed, opened) || !std::ranges::equal(opened, plaintext)) {
      return "message " + std::to_string(i) + " did not open";
    }
  }
  return ToHex(accumulated.Squeeze(32));
}

}  // namespace chainfs::test

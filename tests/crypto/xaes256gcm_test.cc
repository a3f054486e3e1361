// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/xaes256gcm.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/random.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/xaes_accumulated.h"

namespace chainfs::crypto {
namespace {

using test::Counting;
using test::FromHex;
using test::FromText;
using test::ToHex;

Nonce NonceOf(std::string_view text) {
  Nonce nonce;
  std::copy_n(text.begin(), nonce.size(), nonce.begin());
  return nonce;
}

Bytes Seal(const Xaes256Gcm& cipher, const Nonce& nonce, ByteView aad, ByteView plaintext) {
  Bytes sealed(plaintext.size() + kTagBytes);
  cipher.Seal(nonce, aad, {&plaintext, 1}, sealed);
  return sealed;
}

const Nonce kAlphabet = NonceOf("ABCDEFGHIJKLMNOPQRSTUVWX");

Xaes256Gcm CipherOf(uint8_t key_byte) { return Xaes256Gcm(SecretKey::CopyOf(Bytes(32, key_byte))); }

TEST(Xaes256GcmTest, SealsPublishedVectorWithoutCarry) {
  EXPECT_EQ(ToHex(Seal(CipherOf(1), kAlphabet, {}, FromText("XAES-256-GCM"))),
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
}

TEST(Xaes256GcmTest, SealsPublishedVectorWithCarry) {
  EXPECT_EQ(ToHex(Seal(CipherOf(3), kAlphabet, FromText("c2sp.org/XAES-256-GCM"),
                       FromText("XAES-256-GCM"))),
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

TEST(Xaes256GcmTest, OpensPublishedVector) {
  Bytes out(12);
  ASSERT_TRUE(CipherOf(3).Open(kAlphabet, FromText("c2sp.org/XAES-256-GCM"),
                               FromHex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
                               out));
  EXPECT_EQ(out, FromText("XAES-256-GCM"));
}

TEST(Xaes256GcmTest, AgreesWithAccumulatedVectorOf10000) {
  EXPECT_EQ(test::AccumulateXaes(10'000),
            "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST(Xaes256GcmTest, GathersPartsLikeOneMessage) {
  Xaes256Gcm cipher = CipherOf(7);
  const Bytes whole = Counting(1000);
  const Bytes expected = Seal(cipher, kAlphabet, {}, whole);
  for (size_t cut : {0u, 1u, 15u, 16u, 17u, 500u, 999u, 1000u}) {
    const ByteView view(whole);
    const ByteView parts[] = {view.first(cut), {}, view.subspan(cut)};
    Bytes sealed(whole.size() + kTagBytes);
    cipher.Seal(kAlphabet, {}, parts, sealed);
    EXPECT_EQ(sealed, expected) << "cut at " << cut;
  }
}

TEST(Xaes256GcmTest, SealsAnEmptyMessage) {
  Xaes256Gcm cipher = CipherOf(9);
  Bytes sealed = Seal(cipher, kAlphabet, FromText("aad"), {});
  EXPECT_EQ(sealed.size(), kTagBytes);
  EXPECT_TRUE(cipher.Open(kAlphabet, FromText("aad"), sealed, {}));
  sealed[0] ^= 1;
  EXPECT_FALSE(cipher.Open(kAlphabet, FromText("aad"), sealed, {}));
}

TEST(Xaes256GcmTest, RefusesEveryFlippedBitAndZeroesTheOutput) {
  Xaes256Gcm cipher = CipherOf(5);
  Bytes sealed = Seal(cipher, kAlphabet, FromText("aad"), Counting(33));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    sealed[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    Bytes out(33, 0xee);
    EXPECT_FALSE(cipher.Open(kAlphabet, FromText("aad"), sealed, out)) << "bit " << bit;
    EXPECT_EQ(out, Bytes(33, 0));
    sealed[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  Bytes out(33);
  EXPECT_TRUE(cipher.Open(kAlphabet, FromText("aad"), sealed, out));
}

TEST(Xaes256GcmTest, RefusesEveryOtherNonceByteAndOtherAad) {
  Xaes256Gcm cipher = CipherOf(5);
  const Bytes sealed = Seal(cipher, kAlphabet, FromText("aad"), Counting(20));
  Bytes out(20);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    Nonce other = kAlphabet;
    other[i] ^= 0x80;
    EXPECT_FALSE(cipher.Open(other, FromText("aad"), sealed, out)) << "nonce byte " << i;
  }
  EXPECT_FALSE(cipher.Open(kAlphabet, FromText("aaD"), sealed, out));
  EXPECT_FALSE(cipher.Open(kAlphabet, {}, sealed, out));
}

TEST(Xaes256GcmTest, RefusesWrongSizes) {
  Xaes256Gcm cipher = CipherOf(5);
  const Bytes sealed = Seal(cipher, kAlphabet, {}, Counting(20));
  for (size_t n = 0; n < sealed.size(); ++n) {
    Bytes out(20, 0xee);
    EXPECT_FALSE(cipher.Open(kAlphabet, {}, ByteView(sealed).first(n), out));
    EXPECT_EQ(out, Bytes(20, 0));
  }
  Bytes longer(21);
  EXPECT_FALSE(cipher.Open(kAlphabet, {}, sealed, longer));
}

// More threads than lanes, one cipher, every answer checked.
TEST(Xaes256GcmTest, ServesManyThreads) {
  Xaes256Gcm cipher = CipherOf(5);
  std::vector<std::thread> threads;
  std::array<int, 24> failures{};
  for (size_t t = 0; t < failures.size(); ++t) {
    threads.emplace_back([&cipher, &failures, t] {
      for (int i = 0; i < 2000; ++i) {
        Nonce nonce;
        FillRandom(nonce);
        const Bytes plaintext(t * 10 + 1, static_cast<uint8_t>(i));
        const Bytes sealed = Seal(cipher, nonce, {}, plaintext);
        Bytes out(plaintext.size());
        if (!cipher.Open(nonce, {}, sealed, out) || out != plaintext) ++failures[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, (std::array<int, 24>{}));
}

}  // namespace
}  // namespace chainfs::crypto

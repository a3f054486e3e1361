// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/signature.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::FromHex;
using test::ToHex;

SecretKey Seed(std::string_view hex) { return SecretKey::CopyOf(FromHex(hex)); }

struct Vector {
  std::string_view seed, public_key, message, signature;
};

// RFC 8032, section 7.1, tests 1 to 3.
constexpr Vector kPublished[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519Test, AgreesWithRfc8032) {
  for (const Vector& vector : kPublished) {
    const PublicKey key = Ed25519PublicKey(Seed(vector.seed));
    EXPECT_EQ(ToHex(key), vector.public_key);
    const Signature signature = Ed25519Sign(Seed(vector.seed), FromHex(vector.message));
    EXPECT_EQ(ToHex(signature), vector.signature);
    EXPECT_TRUE(Ed25519Verify(key, FromHex(vector.message), signature));
  }
}

TEST(Ed25519Test, RefusesAnotherMessageKeyOrSignature) {
  const SecretKey seed = Seed(kPublished[0].seed);
  const PublicKey key = Ed25519PublicKey(seed);
  const Bytes message = test::FromText("checkpoint");
  const Signature good = Ed25519Sign(seed, message);
  ASSERT_TRUE(Ed25519Verify(key, message, good));
  EXPECT_FALSE(Ed25519Verify(key, test::FromText("Checkpoint"), good));
  EXPECT_FALSE(Ed25519Verify(Ed25519PublicKey(Seed(kPublished[1].seed)), message, good));
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Signature bad = good;
    bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(Ed25519Verify(key, message, bad)) << "bit " << bit;
  }
}

// S + L verifies under implementations that forget RFC 8032's range check.
TEST(Ed25519Test, RefusesAMalleatedSignature) {
  Signature signature;
  std::ranges::copy(FromHex(kPublished[0].signature), signature.begin());
  const Bytes order = FromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += signature[32 + i] + order[i];
    signature[32 + i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
  EXPECT_FALSE(Ed25519Verify(Ed25519PublicKey(Seed(kPublished[0].seed)), {}, signature));
}

// Not every 32 bytes are a point of the curve; no input may be worse than "false".
TEST(Ed25519Test, RefusesKeysThatAreNoPoints) {
  const Signature signature = Ed25519Sign(Seed(kPublished[0].seed), {});
  for (unsigned byte = 0; byte < 256; ++byte) {
    PublicKey key;
    key.fill(static_cast<uint8_t>(byte));
    EXPECT_FALSE(Ed25519Verify(key, {}, signature));
  }
}

}  // namespace
}  // namespace chainfs::crypto

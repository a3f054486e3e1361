// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/sha256.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::FromText;
using test::ToHex;

// FIPS 180-4's examples (NIST, "SHA256.pdf" and the secure hashing page).
TEST(Sha256Test, AgreesWithPublishedVectors) {
  EXPECT_EQ(ToHex(Sha256(ByteView{})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256(FromText("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256(FromText("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(ToHex(Sha256(Bytes(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, HashesPartsLikeTheirConcatenation) {
  EXPECT_EQ(Sha256({FromText("a"), ByteView{}, FromText("bc")}), Sha256(FromText("abc")));
}

}  // namespace
}  // namespace chainfs::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::FromText;
using test::ToHex;

// RFC 4231, cases 1, 2 and 6.
TEST(HmacTest, AgreesWithRfc4231) {
  EXPECT_EQ(ToHex(HmacSha256(Bytes(20, 0x0b), FromText("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(ToHex(HmacSha256(FromText("Jefe"), FromText("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(ToHex(HmacSha256(Bytes(131, 0xaa),
                             FromText("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace chainfs::crypto

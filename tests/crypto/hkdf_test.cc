// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hkdf.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/key_schedule.h"
#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::FromHex;
using test::ToHex;

Bytes Range(uint8_t first, uint8_t last) {
  Bytes out;
  for (unsigned b = first; b <= last; ++b) out.push_back(static_cast<uint8_t>(b));
  return out;
}

// RFC 5869, appendix A.1 to A.3: the vectors with SHA-256.
TEST(HkdfTest, AgreesWithRfc5869Case1) {
  EXPECT_EQ(ToHex(HkdfSha256(Bytes(22, 0x0b), Range(0x00, 0x0c), Range(0xf0, 0xf9), 42).view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(HkdfTest, AgreesWithRfc5869Case2LongInputs) {
  EXPECT_EQ(
      ToHex(HkdfSha256(Range(0x00, 0x4f), Range(0x60, 0xaf), Range(0xb0, 0xff), 82).view()),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
      "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(HkdfTest, AgreesWithRfc5869Case3EmptySaltAndInfo) {
  EXPECT_EQ(ToHex(HkdfSha256(Bytes(22, 0x0b), {}, {}, 42).view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(KeyScheduleTest, GivesEveryLabelAndEpochAKeyOfItsOwn) {
  const SecretKey volume_key = SecretKey::CopyOf(Bytes(32, 1));
  std::set<std::string> keys;
  for (std::string_view label : {label::kDataKey, label::kNodeKey, label::kNameHashKey,
                                 label::kHeaderMacKey, label::kSeedKey}) {
    for (uint64_t epoch : {0, 1, 256}) {
      keys.insert(ToHex(DeriveSubkey(volume_key, label, KeyEpoch(epoch)).view()));
    }
  }
  EXPECT_EQ(keys.size(), 15u);
}

TEST(KeyScheduleTest, DerivesTheDocumentedBytes) {
  const Bytes key(32, 1);
  EXPECT_EQ(ToHex(DeriveSubkey(SecretKey::CopyOf(key), label::kDataKey, KeyEpoch(2)).view()),
            ToHex(HkdfSha256(key, {},
                             FromHex("636861696e66732f312064617461206b6579"  // chainfs/1 data key
                                     "0000000000000002"),
                             32)
                      .view()));
}

}  // namespace
}  // namespace chainfs::crypto

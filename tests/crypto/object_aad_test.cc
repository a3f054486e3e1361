// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/object_aad.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

TEST(ObjectAadTest, HasTheDocumentedBytes) {
  VolumeId volume_id;
  std::ranges::copy(test::FromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), volume_id.begin());
  EXPECT_EQ(test::ToHex(BuildObjectAad(volume_id, KeyEpoch(0x0102030405060708), ObjectType::kData,
                                       ObjectId(0x1112131415161718), 0x21222324)),
            "00000001"
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
            "0102030405060708"
            "02"
            "1112131415161718"
            "21222324");
}

}  // namespace
}  // namespace chainfs::crypto

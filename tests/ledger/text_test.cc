// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/text.h"

#include <gtest/gtest.h>

namespace chainfs::ledger {
namespace {

TEST(TextTest, DecimalNumbersHaveOneForm) {
  EXPECT_EQ(DecodeDecimal("0"), 0u);
  EXPECT_EQ(DecodeDecimal("70000"), 70'000u);
  EXPECT_EQ(DecodeDecimal("18446744073709551615"), ~uint64_t{0});
  for (const char* bad : {"", "00", "01", "+1", "-1", " 1", "1 ", "1a", "0x10", "1\n",
                          "18446744073709551616", "18446744073709551620", "28446744073709551615",
                          "100000000000000000000", "99999999999999999999999999999999999999"}) {
    EXPECT_FALSE(DecodeDecimal(bad)) << bad;
  }
}

TEST(TextTest, HexHasOneForm) {
  std::array<uint8_t, 3> out;
  EXPECT_EQ(EncodeHex(Bytes{0x00, 0xaf, 0x19}), "00af19");
  ASSERT_TRUE(DecodeHex("00af19", out));
  EXPECT_EQ(out, (std::array<uint8_t, 3>{0x00, 0xaf, 0x19}));
  for (const char* bad : {"", "00af1", "00af1900", "00AF19", "00ag19", " 0af19", "0x0af1"}) {
    EXPECT_FALSE(DecodeHex(bad, out)) << bad;
  }
}

TEST(TextTest, DigestsAreExactlyThirtyTwoBytes) {
  EXPECT_TRUE(DecodeDigest("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
  for (const char* bad : {"", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="}) {
    EXPECT_FALSE(DecodeDigest(bad)) << bad;
  }
}

TEST(TextTest, ALineWithoutItsNewlineIsNoLine) {
  LineReader lines("one\n\nthree");
  EXPECT_EQ(lines.Next(), "one");
  EXPECT_EQ(lines.Next(), "");
  EXPECT_FALSE(lines.Next());
  EXPECT_EQ(lines.rest(), "three");
}

}  // namespace
}  // namespace chainfs::ledger

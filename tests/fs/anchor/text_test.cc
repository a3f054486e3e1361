// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/text.h"

#include <gtest/gtest.h>

#include "fs/anchor/checkpoint_head.h"

namespace chainfs::fs::anchor {
namespace {

TEST(AnchorTextTest, HexIsLowerCaseAndOfTheRightLength) {
  std::array<uint8_t, 3> bytes{};
  EXPECT_TRUE(ParseHex("00a9ff", bytes));
  EXPECT_EQ(bytes, (std::array<uint8_t, 3>{0x00, 0xa9, 0xff}));
  EXPECT_EQ(ToHex(bytes), "00a9ff");
  for (const char* bad : {"", "00a9f", "00a9fff", "00A9ff", "00a9fg", "0x00a9", " 0a9ff"}) {
    EXPECT_FALSE(ParseHex(bad, bytes)) << bad;
  }
}

TEST(AnchorTextTest, DecimalHasOneSpelling) {
  EXPECT_EQ(ParseDecimal("0"), 0u);
  EXPECT_EQ(ParseDecimal("10"), 10u);
  EXPECT_EQ(ParseDecimal("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", "00", "01", "+1", "-1", " 1", "1 ", "1x", "0x1", "1.0",
                          "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_FALSE(ParseDecimal(bad)) << bad;
  }
}

TEST(AnchorTextTest, PercentEncodingKeepsPrintableAsciiOnly) {
  EXPECT_EQ(PercentEncode("/a-Z~!\"&+"), "/a-Z~!\"&+");
  EXPECT_EQ(PercentEncode("100% \n\x7f\xc3\xa9"), "100%25%20%0A%7F%C3%A9");
}

TEST(AnchorTextTest, EveryByteComesBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
}

TEST(AnchorTextTest, PercentEncodingHasOneSpelling) {
  for (const char* bad : {"%", "%2", "a%", "%zz", "%c3", "%41", "%2F", "a b", "\xc3\xa9", "\n"}) {
    EXPECT_FALSE(PercentDecode(bad)) << bad;
  }
}

TEST(CheckpointHeadTest, IsTheFirstThreeLines) {
  const std::string root(44, 'R');
  EXPECT_EQ(HeadOf("origin x\n12\n" + root + "\n"), (CheckpointHead{"origin x", 12, root}));
  EXPECT_EQ(HeadOf("o\n0\n" + root + "\nextension\n\nsignature\n"), (CheckpointHead{"o", 0, root}));
}

TEST(CheckpointHeadTest, RefusesWhatIsNoCheckpoint) {
  const std::string root(44, 'R');
  for (const std::string& bad :
       {std::string(), std::string("\n\n\n"), "\n12\n" + root + "\n", "o\n012\n" + root + "\n",
        "o\n\n" + root + "\n", "o\n-1\n" + root + "\n", "o\n12\n" + root, "o\n12\n" + root + "R\n",
        std::string("o\n12\n\n"), "o\n18446744073709551616\n" + root + "\n"}) {
    EXPECT_FALSE(HeadOf(bad)) << bad;
  }
}

}  // namespace
}  // namespace chainfs::fs::anchor

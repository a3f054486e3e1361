// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/size_text.h"

#include <gtest/gtest.h>

namespace chainfs::tools {
namespace {

TEST(ParseSizeTest, TakesUnitsOfPowersOf1024) {
  EXPECT_EQ(ParseSize("0"), 0u);
  EXPECT_EQ(ParseSize("4096"), 4096u);
  EXPECT_EQ(ParseSize("7B"), 7u);
  EXPECT_EQ(ParseSize("64K"), 64u << 10);
  EXPECT_EQ(ParseSize("64k"), 64u << 10);
  EXPECT_EQ(ParseSize("256MiB"), 256u << 20);
  EXPECT_EQ(ParseSize("2GB"), 2ull << 30);
  EXPECT_EQ(ParseSize("3T"), 3ull << 40);
}

TEST(ParseSizeTest, RefusesWhatIsNoSize) {
  for (const char* text :
       {"", "K", "-1", "+1", " 1", "1 ", "1.5G", "1X", "1KK", "1Ki", "0x10", "1M "}) {
    EXPECT_EQ(ParseSize(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseSizeTest, RefusesMoreThanAFileCanHold) {
  EXPECT_EQ(ParseSize("9223372036854775807"), 9223372036854775807u);
  EXPECT_EQ(ParseSize("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseSize("99999999999999999999"), std::nullopt);
  EXPECT_EQ(ParseSize("8388607T"), 8388607ull << 40);
  EXPECT_EQ(ParseSize("8388608T"), std::nullopt);
}

TEST(ParseNumberTest, TakesDigitsUpToTheMaximum) {
  EXPECT_EQ(ParseNumber("60", 60), 60u);
  EXPECT_EQ(ParseNumber("61", 60), std::nullopt);
  EXPECT_EQ(ParseNumber("6x", 60), std::nullopt);
  EXPECT_EQ(ParseNumber("", 60), std::nullopt);
}

TEST(FormatSizeTest, ShowsThreeFiguresAtMost) {
  EXPECT_EQ(FormatSize(0), "0 B");
  EXPECT_EQ(FormatSize(1023), "1023 B");
  EXPECT_EQ(FormatSize(4096), "4.0 KiB");
  EXPECT_EQ(FormatSize(1536 << 10), "1.5 MiB");
  EXPECT_EQ(FormatSize(256 << 20), "256 MiB");
  EXPECT_EQ(FormatSize((1ull << 30) - 1), "1.0 GiB");
  EXPECT_EQ(FormatSize(~0ull), "16.0 EiB");
}

TEST(FormatTimeTest, IsUtcAndKnowsNever) {
  EXPECT_EQ(FormatTime(0), "never");
  EXPECT_EQ(FormatTime(1'700'000'000'999'999'999), "2023-11-14 22:13:20 UTC");
}

TEST(VolumeIdTextTest, IsHex) {
  VolumeId id{};
  id[0] = 0x0f;
  id[15] = 0xa0;
  EXPECT_EQ(VolumeIdText(id), "0f0000000000000000000000000000a0");
}

}  // namespace
}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/verifier_key.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ledger/error_of.h"
#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

// The example of C2SP's signed-note.
constexpr char kPublished[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

TEST(VerifierKeyTest, ReadsAndWritesThePublishedExample) {
  Result<VerifierKey> key = DecodeVerifierKey(kPublished);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->name, "example.com/foo");
  EXPECT_EQ(ToHex(key->key), "e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4");
  EXPECT_EQ(IdOfKey(*key), 0x530d903au);
  EXPECT_EQ(EncodeVerifierKey(*key), kPublished);
}

TEST(VerifierKeyTest, EveryOtherByteAnywhereIsRefused) {
  const std::string good = kPublished;
  for (size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string bad = good;
      bad[i] = static_cast<char>(byte);
      EXPECT_TRUE(bad == good || !DecodeVerifierKey(bad)) << bad;
    }
    EXPECT_FALSE(DecodeVerifierKey(good.substr(0, i)));
    EXPECT_FALSE(DecodeVerifierKey(good.substr(i + 1)));
  }
  for (const char* end : {"\n", " ", "A", "=", "+"}) EXPECT_FALSE(DecodeVerifierKey(good + end));
  EXPECT_FALSE(DecodeVerifierKey(" " + good));
}

TEST(VerifierKeyTest, SaysWhatIsWrong) {
  const auto error = [](std::string_view text) { return ErrorOf(DecodeVerifierKey(text)); };
  EXPECT_EQ(error("nothing").code, ErrorCode::kInvalid);
  EXPECT_EQ(error("a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").code,
            ErrorCode::kInvalid);
  const Error mistyped =
      error("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  EXPECT_EQ(mistyped.code, ErrorCode::kInvalid);
  EXPECT_NE(mistyped.message.find("copied"), std::string::npos);
  const Error algorithm =
      error("example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  EXPECT_EQ(algorithm.code, ErrorCode::kUnsupported);
  EXPECT_NE(algorithm.message.find("type 4"), std::string::npos);
}

// The base64 of a key may contain a plus sign: only the first two divide.
TEST(VerifierKeyTest, APlusInTheKeyDoesNotDivide) {
  VerifierKey key{"log", {}};
  key.key.fill(0xfb);
  const std::string text = EncodeVerifierKey(key);
  EXPECT_GT(std::count(text.begin(), text.end(), '+'), 2);
  Result<VerifierKey> decoded = DecodeVerifierKey(text);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, key);
}

}  // namespace
}  // namespace chainfs::ledger

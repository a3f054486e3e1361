// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/base64.h"

#include <gtest/gtest.h>

#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::FromText;

// RFC 4648, section 10.
const std::pair<const char*, const char*> kPublished[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64Test, AgreesWithRfc4648) {
  for (auto [plain, text] : kPublished) {
    EXPECT_EQ(EncodeBase64(FromText(plain)), text);
    EXPECT_EQ(DecodeBase64(text), FromText(plain));
  }
}

TEST(Base64Test, UsesTheAlphabetWithPlusAndSlash) {
  EXPECT_EQ(EncodeBase64(Bytes{0xfb, 0xff, 0xbf}), "+/+/");
  EXPECT_EQ(DecodeBase64("+/+/"), (Bytes{0xfb, 0xff, 0xbf}));
  EXPECT_FALSE(DecodeBase64("-_-_"));
}

TEST(Base64Test, EveryByteInEveryPlaceComesBack) {
  for (size_t size = 1; size <= 4; ++size) {
    for (size_t place = 0; place < size; ++place) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        Bytes bytes(size, 0x5a);
        bytes[place] = static_cast<uint8_t>(byte);
        EXPECT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes);
      }
    }
  }
}

TEST(Base64Test, RefusesEverySloppyForm) {
  for (const char* text : {"Zg",    "Zg=",   "Zg===",    "Zm8",      "Zm8==",  "=",      "==",
                           "===",   "====",  "Z===",     "Zg==Zg==", "Zm=v",   "=m9v",   "Zm9v\n",
                           " Zm9v", "Zm 9v", "Zm9v====", "Zm9v=",    "Zm\r\n", "Zm9\xc3"}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
  EXPECT_FALSE(DecodeBase64(std::string_view("Zm9\0", 4)));
}

// "Zh==" would be "f" too, to a decoder that throws bits away.
TEST(Base64Test, EveryTextOfFourCharactersThatDecodesIsTheOneThatIsWritten) {
  const std::string_view characters = "ABCDEPQRZabfghqwxz0189+/=-\n ";
  size_t decoded = 0;
  for (char a : characters) {
    for (char b : characters) {
      for (char c : characters) {
        for (char d : characters) {
          const std::string text{a, b, c, d};
          std::optional<Bytes> bytes = DecodeBase64(text);
          if (!bytes) continue;
          ++decoded;
          ASSERT_EQ(EncodeBase64(*bytes), text);
        }
      }
    }
  }
  EXPECT_GT(decoded, 300'000u);
}

}  // namespace
}  // namespace chainfs::crypto

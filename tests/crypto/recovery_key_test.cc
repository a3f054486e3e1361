// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/recovery_key.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/sample_header.h"

namespace chainfs::crypto {
namespace {

using test::FromText;
using test::ToHex;

std::string Text(const SecretBytes& secret) {
  return std::string(secret.view().begin(), secret.view().end());
}

std::string RandomKeyText() {
  SecretBytes key(kRecoveryKeyBytes);
  FillRandom(key.mutable_view());
  return Text(FormatRecoveryKey(key));
}

// The key's hex, or the complaint.
std::string Parse(std::string_view text) {
  Result<SecretBytes> key = ParseRecoveryKey(FromText(text));
  if (key) return ToHex(key->view());
  EXPECT_EQ(key.error().code, ErrorCode::kInvalid);
  return key.error().message;
}

constexpr std::string_view kSampleHex = "101112131415161718191a1b1c1d1e1f202122232425262728";
const std::string kSample(test::kSampleRecoveryKey);

TEST(RecoveryKeyTest, HasTheDocumentedForm) {
  EXPECT_EQ(Text(FormatRecoveryKey(SecretBytes::CopyOf(test::FromHex(kSampleHex)))), kSample);
  EXPECT_EQ(Parse(kSample), kSampleHex);
}

TEST(RecoveryKeyTest, ParsesWhatItFormatted) {
  for (int i = 0; i < 1000; ++i) {
    SecretBytes key(kRecoveryKeyBytes);
    FillRandom(key.mutable_view());
    EXPECT_EQ(Parse(Text(FormatRecoveryKey(key))), ToHex(key.view()));
  }
}

TEST(RecoveryKeyTest, ToleratesWhatPeopleType) {
  std::string lower = kSample;
  for (char& c : lower) c = static_cast<char>(tolower(c));
  EXPECT_EQ(Parse(lower), kSampleHex);

  std::string bare = kSample;
  std::erase(bare, '-');
  EXPECT_EQ(Parse(bare), kSampleHex);

  std::string spaced;
  for (char c : bare) spaced += std::string(1, c) + " ";
  EXPECT_EQ(Parse("\t" + spaced + "\r\n"), kSampleHex);

  std::string confused = kSample;
  for (char& c : confused) {
    if (c == '0') c = 'O';
    if (c == '1') c = 'l';
  }
  EXPECT_NE(confused, kSample);
  EXPECT_EQ(Parse(confused), kSampleHex);
}

TEST(RecoveryKeyTest, NamesTheGroupOfEverySingleWrongCharacter) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZU*";
  for (size_t i = 0; i < kSample.size(); ++i) {
    if (kSample[i] == '-') continue;
    for (char wrong : kDigits) {
      if (wrong == kSample[i]) continue;
      std::string text = kSample;
      text[i] = wrong;
      EXPECT_EQ(Parse(text),
                "there is a typo in group " + std::to_string(i / 7 + 1) + " of the recovery key");
    }
  }
}

TEST(RecoveryKeyTest, NoticesEveryTwoSwappedCharactersOfAGroup) {
  const std::string key = RandomKeyText();
  for (size_t group = 0; group < 8; ++group) {
    for (size_t a = 0; a < 6; ++a) {
      for (size_t b = a + 1; b < 6; ++b) {
        std::string text = key;
        std::swap(text[group * 7 + a], text[group * 7 + b]);
        if (text == key) continue;
        EXPECT_FALSE(ParseRecoveryKey(FromText(text))) << a << " and " << b;
      }
    }
  }
}

TEST(RecoveryKeyTest, NoticesGroupsInTheWrongPlace) {
  const std::string key = RandomKeyText();
  for (size_t a = 0; a < 8; ++a) {
    for (size_t b = a + 1; b < 8; ++b) {
      std::string text = key;
      for (size_t i = 0; i < 6; ++i) std::swap(text[a * 7 + i], text[b * 7 + i]);
      EXPECT_EQ(Parse(text), "there is a typo in groups " + std::to_string(a + 1) + " and " +
                                 std::to_string(b + 1) + " of the recovery key");
    }
  }
}

TEST(RecoveryKeyTest, SaysWhichGroupIsTooShortOrTooLong) {
  std::string text = kSample;
  text.erase(9, 1);
  EXPECT_EQ(Parse(text), "group 2 of the recovery key has 5 characters instead of 6");
  text = kSample + "X";
  EXPECT_EQ(Parse(text), "group 8 of the recovery key has 7 characters instead of 6");
  EXPECT_EQ(Parse(kSample.substr(0, 48)),
            "a recovery key has 48 characters in 8 groups; this has 42");
  EXPECT_EQ(Parse(""), "a recovery key has 48 characters in 8 groups; this has 0");
}

TEST(RecoveryKeyTest, NeverQuotesTheKey) {
  std::string text = kSample;
  text[0] = 'Z';
  for (size_t i = 0; i < kSample.size(); i += 7) {
    EXPECT_EQ(Parse(text).find(kSample.substr(i, 6)), std::string::npos);
  }
}

TEST(RecoveryKeyTest, RefusesRandomBytes) {
  for (int i = 0; i < 20'000; ++i) {
    Bytes noise(static_cast<size_t>(i % 64));
    FillRandom(noise);
    EXPECT_FALSE(ParseRecoveryKey(noise));
    ResemblesRecoveryKey(noise);
  }
}

TEST(RecoveryKeyTest, KnowsWhatWasMeantAsOne) {
  EXPECT_TRUE(ResemblesRecoveryKey(FromText(kSample)));
  EXPECT_TRUE(ResemblesRecoveryKey(FromText(kSample.substr(1))));
  std::string bare = kSample;
  std::erase(bare, '-');
  EXPECT_TRUE(ResemblesRecoveryKey(FromText(bare)));
  EXPECT_FALSE(ResemblesRecoveryKey(FromText(test::kSamplePassphrase)));
  EXPECT_FALSE(ResemblesRecoveryKey(FromText("hunter2")));
  EXPECT_FALSE(ResemblesRecoveryKey({}));
}

}  // namespace
}  // namespace chainfs::crypto

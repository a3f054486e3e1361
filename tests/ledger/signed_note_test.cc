// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/signed_note.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "crypto/base64.h"
#include "tests/ledger/error_of.h"
#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

// The example of C2SP's signed-note.
constexpr char kPublishedText[] = "This is an example message.\n";
constexpr char kPublishedNote[] =
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuw"
    "HjG1Yu72IneyaQM=\n";

VerifierKey PublishedKey() {
  return *DecodeVerifierKey(
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
}

crypto::SecretKey Seed(uint8_t first) {
  Bytes seed(32);
  std::iota(seed.begin(), seed.end(), first);
  return crypto::SecretKey::CopyOf(seed);
}

VerifierKey KeyOf(std::string name, uint8_t seed) {
  return {std::move(name), crypto::Ed25519PublicKey(Seed(seed))};
}

// The line of a signature that is about to be appended to a note.
std::string SignatureLine(std::string_view text, std::string_view name, uint8_t seed) {
  return SignNote(text, name, Seed(seed)).substr(text.size() + 1);
}

ErrorCode CodeOf(std::string_view note, const VerifierKey& key) {
  return ErrorOf(OpenNote(note, key)).code;
}

TEST(SignedNoteTest, ThePublishedExampleVerifies) {
  Result<std::string> text = OpenNote(kPublishedNote, PublishedKey());
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, kPublishedText);
}

TEST(SignedNoteTest, EveryOtherByteAnywhereInThePublishedExampleFails) {
  const std::string good = kPublishedNote;
  for (size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string bad = good;
      bad[i] = static_cast<char>(byte);
      EXPECT_TRUE(bad == good || !OpenNote(bad, PublishedKey())) << i << " " << byte;
    }
    EXPECT_FALSE(OpenNote(good.substr(0, i), PublishedKey())) << i;
    std::string shorter = good, longer = good;
    shorter.erase(i, 1);
    longer.insert(i, 1, good[i]);
    EXPECT_FALSE(OpenNote(shorter, PublishedKey())) << i;
    EXPECT_FALSE(OpenNote(longer, PublishedKey())) << i;
  }
}

TEST(SignedNoteTest, OpensWhatItSigns) {
  for (const char* text : {"\n", "one line\n", "a\n\nb\n", "\n\n\n", "— looks like a signature\n",
                           "a\n\n— b c\n", "\xc3\xa9t\xc3\xa9\n"}) {
    const std::string note = SignNote(text, "log", Seed(0));
    Result<std::string> opened = OpenNote(note, KeyOf("log", 0));
    ASSERT_TRUE(opened) << text;
    EXPECT_EQ(*opened, text);
    EXPECT_EQ(ReadNoteUnverified(note), text);
  }
}

TEST(SignedNoteTest, TellsMalformedFromUnsignedFromForged) {
  const std::string note = SignNote("text\n", "log", Seed(0));
  EXPECT_EQ(CodeOf("text\n", KeyOf("log", 0)), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(note, KeyOf("other", 0)), ErrorCode::kWrongKey) << "another name";
  EXPECT_EQ(CodeOf(note, KeyOf("log", 1)), ErrorCode::kWrongKey) << "another key id";
  EXPECT_EQ(CodeOf("t" + note, KeyOf("log", 0)), ErrorCode::kDamaged);
}

TEST(SignedNoteTest, PassesOverSignaturesOfOthersWhateverTheyAre) {
  std::string note = SignNote("text\n", "log", Seed(0));
  note += SignatureLine("text\n", "log", 1);       // the same name, another key
  note += SignatureLine("another\n", "other", 2);  // would not verify
  note += "— short AAAAAAE=\n";                    // a key id and one byte
  note += "— long " + crypto::EncodeBase64(Bytes(5000, 7)) + "\n";
  ASSERT_TRUE(OpenNote(note, KeyOf("log", 0)));
  ASSERT_TRUE(OpenNote(note, KeyOf("log", 1)));
  EXPECT_EQ(CodeOf(note, KeyOf("other", 2)), ErrorCode::kDamaged);
}

TEST(SignedNoteTest, OneOfTwoSignaturesByTheKeyIsNotEnough) {
  const std::string good = SignatureLine("text\n", "log", 0);
  const std::string bad = SignatureLine("another\n", "log", 0);
  EXPECT_TRUE(OpenNote("text\n\n" + good + good, KeyOf("log", 0)));
  EXPECT_EQ(CodeOf("text\n\n" + good + bad, KeyOf("log", 0)), ErrorCode::kDamaged);
  EXPECT_EQ(CodeOf("text\n\n" + bad + good, KeyOf("log", 0)), ErrorCode::kDamaged);
}

// The key id is not collision-resistant: whoever finds another key with it has gained nothing.
TEST(SignedNoteTest, AKnownKeyIdOverAnotherSignatureDoesNotVerify) {
  const VerifierKey key = KeyOf("log", 0);
  const std::string line = SignatureLine("text\n", "log", 0);
  Bytes bytes = *crypto::DecodeBase64(line.substr(8, line.size() - 9));
  const Bytes id(bytes.begin(), bytes.begin() + 4);
  for (size_t size : {1u, 32u, 63u, 65u, 128u}) {
    Bytes forged = id;
    forged.resize(4 + size, 0x11);
    const std::string note = "text\n\n— log " + crypto::EncodeBase64(forged) + "\n";
    EXPECT_EQ(CodeOf(note, key), ErrorCode::kDamaged) << size;
  }
}

TEST(SignedNoteTest, RefusesEveryOtherForm) {
  const VerifierKey key = KeyOf("log", 0);
  const std::string line = SignatureLine("text\n", "log", 0);
  const std::string no_newline = line.substr(0, line.size() - 1);
  const std::string unsigned_line = line.substr(4);
  const std::vector<std::string> forms = {std::string(),
                                          std::string("\n"),
                                          std::string("\n\n"),
                                          "text\n\n",
                                          "text\n" + line,
                                          "text\n\n" + no_newline,
                                          "text\n\n" + line + "\n",
                                          "text\n\n" + line + "x",
                                          "text\n\n" + line + "x\n",
                                          "text\n\n" + unsigned_line,
                                          "text\n\n- " + unsigned_line,
                                          "text\n\n—" + unsigned_line,
                                          "text\n\n " + line,
                                          "text\n\n— log \n",
                                          "text\n\n— log\n",
                                          "text\n\n—  AAAAAAAA\n",
                                          "text\n\n— l+g AAAAAAAA\n",
                                          "text\n\n— l\xc2\xa0g AAAAAAAA\n",
                                          "text\n\n— log AAAAAA==\n",
                                          "text\n\n— log AAAAAAA\n",
                                          "text\n\n— log  AAAAAAAA\n",
                                          "text\r\n\r\n" + line,
                                          "te\txt\n\n" + line,
                                          "te\xffxt\n\n" + line,
                                          std::string("te\0xt\n\n", 7) + line};
  for (const std::string& bad : forms) {
    EXPECT_EQ(CodeOf(bad, key), ErrorCode::kInvalid) << bad;
    EXPECT_FALSE(ReadNoteUnverified(bad)) << bad;
  }
}

TEST(SignedNoteTest, TakesUpToSixtyFourSignaturesAndAMebibyte) {
  const VerifierKey key = KeyOf("log", 0);
  std::string note = SignNote("text\n", "log", Seed(0));
  for (size_t count = 1; count < kMaxNoteSignatures; ++count) note += "— other AAAAAAAA\n";
  EXPECT_TRUE(OpenNote(note, key));
  EXPECT_EQ(CodeOf(note + "— other AAAAAAAA\n", key), ErrorCode::kInvalid);

  const size_t overhead = SignNote("\n", "log", Seed(0)).size() - 1;
  const std::string text = std::string(kMaxNoteBytes - overhead - 1, 'x') + "\n";
  note = SignNote(text, "log", Seed(0));
  EXPECT_EQ(note.size(), kMaxNoteBytes);
  EXPECT_TRUE(OpenNote(note, key));
  EXPECT_EQ(CodeOf("x" + note, key), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace chainfs::ledger

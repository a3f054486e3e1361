// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/checkpoint.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "ledger/proof.h"
#include "tests/ledger/error_of.h"
#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

crypto::SecretKey Seed(uint8_t first) {
  Bytes seed(32);
  std::iota(seed.begin(), seed.end(), first);
  return crypto::SecretKey::CopyOf(seed);
}

Checkpoint Example() {
  Checkpoint checkpoint{"chainfs/000102030405060708090a0b0c0d0e0f/f0f1f2f3f4f5f6f7", 70'000, {}};
  std::iota(checkpoint.root.begin(), checkpoint.root.end(), uint8_t{0x20});
  return checkpoint;
}

VerifierKey ExampleKey() { return {Example().origin, crypto::Ed25519PublicKey(Seed(0))}; }

constexpr char kText[] =
    "chainfs/000102030405060708090a0b0c0d0e0f/f0f1f2f3f4f5f6f7\n"
    "70000\n"
    "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";

TEST(CheckpointTest, IsThreeLines) {
  EXPECT_EQ(EncodeCheckpoint(Example()), kText);
  EXPECT_EQ(DecodeCheckpoint(kText), Example());
}

// The example of C2SP's tlog-checkpoint; the name of a log is the log's own business.
TEST(CheckpointTest, ReadsThePublishedExample) {
  const char* note =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
      "— example.com/behind-the-sofa "
      "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2"
      "q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
  std::optional<Checkpoint> checkpoint = ParseCheckpointUnverified(note);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20'852'163u);
  EXPECT_EQ(ToHex(checkpoint->root),
            "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
}

TEST(CheckpointTest, ExtensionLinesAreReadOverAndNotWritten) {
  const std::string text = kText;
  EXPECT_EQ(DecodeCheckpoint(text + "extension\nand another\n"), Example());
  for (const char* bad : {"\n", "extension", "extension\n\n", "\nextension\n", "a\n\nb\n"}) {
    EXPECT_FALSE(DecodeCheckpoint(text + bad)) << bad;
  }
}

TEST(CheckpointTest, SizesReachToTwoToThe63) {
  Checkpoint checkpoint = Example();
  for (uint64_t size : {uint64_t{0}, uint64_t{1}, kMaxTreeSize}) {
    checkpoint.size = size;
    EXPECT_EQ(DecodeCheckpoint(EncodeCheckpoint(checkpoint)), checkpoint);
  }
  EXPECT_FALSE(DecodeCheckpoint("log\n9223372036854775809\n" + std::string(kText).substr(64)));
}

TEST(CheckpointTest, RefusesEveryOtherForm) {
  const std::string root = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
  ASSERT_TRUE(DecodeCheckpoint("log\n1\n" + root + "\n"));
  const std::vector<std::string> forms = {std::string(),
                                          std::string("\n"),
                                          std::string("log\n"),
                                          std::string("log\n1\n"),
                                          "log\n1\n" + root,
                                          "\n1\n" + root + "\n",
                                          "log\n01\n" + root + "\n",
                                          "log\n-1\n" + root + "\n",
                                          "log\n\n" + root + "\n",
                                          "log\n1 \n" + root + "\n",
                                          "log\n18446744073709551616\n" + root + "\n",
                                          "log\n1\n" + root.substr(4) + "\n",
                                          "log\n1\nAAAA" + root + "\n",
                                          "log\n1\n " + root + "\n",
                                          "log\r\n1\r\n" + root + "\r\n",
                                          "log\t\n1\n" + root + "\n",
                                          "l\xffg\n1\n" + root + "\n",
                                          "log\n1\n" + root + "\nx\x01y\n",
                                          std::string("l\0g\n1\n", 6) + root + "\n"};
  for (const std::string& bad : forms) {
    EXPECT_FALSE(DecodeCheckpoint(bad)) << bad;
  }
}

TEST(CheckpointTest, OpensUnderTheLogsKeyOnly) {
  const std::string note = SignCheckpoint(Example(), Seed(0));
  Result<Checkpoint> opened = OpenCheckpoint(note, ExampleKey());
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, Example());
  EXPECT_EQ(ParseCheckpointUnverified(note), Example());

  const VerifierKey other{Example().origin, crypto::Ed25519PublicKey(Seed(1))};
  EXPECT_EQ(ErrorOf(OpenCheckpoint(note, other)).code, ErrorCode::kWrongKey);
  std::string forged = note;
  forged[58] = '8';
  EXPECT_EQ(ErrorOf(OpenCheckpoint(forged, ExampleKey())).code, ErrorCode::kDamaged);
  EXPECT_EQ(ParseCheckpointUnverified(forged)->size, 80'000u)
      << "its name says that it is not safe";
}

// A key that signs for one log must not speak for another one.
TEST(CheckpointTest, ACheckpointOfAnotherLogIsRefusedThoughTheSignatureIsGood) {
  const std::string note = SignNote(kText, "another", Seed(0));
  const VerifierKey key{"another", crypto::Ed25519PublicKey(Seed(0))};
  ASSERT_TRUE(OpenNote(note, key));
  EXPECT_EQ(ErrorOf(OpenCheckpoint(note, key)).code, ErrorCode::kInvalid);
}

TEST(CheckpointTest, ASignedTextThatIsNoCheckpointIsRefused) {
  const std::string note = SignNote("hello\n", Example().origin, Seed(0));
  EXPECT_EQ(ErrorOf(OpenCheckpoint(note, ExampleKey())).code, ErrorCode::kInvalid);
  EXPECT_FALSE(ParseCheckpointUnverified(note));
}

// Witnesses add their signatures behind the log's.
TEST(CheckpointTest, CosignaturesChangeNothing) {
  const std::string note = SignCheckpoint(Example(), Seed(0)) + "— witness.example AAAAAAAA\n";
  Result<Checkpoint> opened = OpenCheckpoint(note, ExampleKey());
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, Example());
}

}  // namespace
}  // namespace chainfs::ledger

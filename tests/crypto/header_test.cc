// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/header.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "crypto/sha256.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/sample_header.h"

namespace chainfs::crypto {
namespace {

using test::FromHex;
using test::ToHex;

SecretBytes Secret(std::string_view text) { return SecretBytes::CopyOf(text); }

// nullopt: it did not fail.
template <class T>
std::optional<ErrorCode> CodeOf(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

// One header with the passphrase "open sesame" and a recovery key.
class HeaderTest : public testing::Test {
 protected:
  void SetUp() override {
    FillRandom(genesis_);
    Result<Bytes> header =
        CreateHeader(volume_, genesis_, Secret("open sesame"), kMinArgon2Cost, &recovery_key_);
    ASSERT_TRUE(header);
    header_ = *header;
  }

  // Expects `header` to open and to give our secrets.
  void ExpectOpens(ByteView header, const SecretBytes& with) {
    Result<VolumeSecrets> secrets = UnlockHeader(header, with);
    ASSERT_TRUE(secrets) << secrets.error().message;
    EXPECT_EQ(ToHex(secrets->volume_key.view()), ToHex(volume_.secrets.volume_key.view()));
    EXPECT_EQ(ToHex(secrets->signing_seed.view()), ToHex(volume_.secrets.signing_seed.view()));
  }
  static void ExpectWrongKey(ByteView header, const SecretBytes& with) {
    Result<VolumeSecrets> secrets = UnlockHeader(header, with);
    ASSERT_FALSE(secrets);
    EXPECT_EQ(secrets.error().code, ErrorCode::kWrongKey);
  }
  std::string Complaint(std::string_view with) const {
    Result<VolumeSecrets> secrets = UnlockHeader(header_, Secret(with));
    return secrets ? "opened" : secrets.error().message;
  }

  NewVolume volume_ = GenerateVolume();
  Digest genesis_;
  SecretBytes recovery_key_;
  Bytes header_;
};

TEST_F(HeaderTest, OpensWithThePassphrase) { ExpectOpens(header_, Secret("open sesame")); }

TEST_F(HeaderTest, OpensWithTheRecoveryKey) {
  ExpectOpens(header_, recovery_key_);
  Bytes lower(recovery_key_.view().begin(), recovery_key_.view().end());
  for (uint8_t& c : lower) c = c == '-' ? ' ' : static_cast<uint8_t>(tolower(c));
  ExpectOpens(header_, SecretBytes::CopyOf(lower));
}

TEST_F(HeaderTest, OpensTheSampleOfFormat1) {
  const Bytes sample = FromHex(test::kSampleHeaderHex);
  for (std::string_view with : {test::kSamplePassphrase, test::kSampleRecoveryKey}) {
    Result<VolumeSecrets> secrets = UnlockHeader(sample, Secret(with));
    ASSERT_TRUE(secrets) << secrets.error().message;
    EXPECT_EQ(ToHex(secrets->volume_key.view()), test::kSampleVolumeKeyHex);
    EXPECT_EQ(ToHex(secrets->signing_seed.view()), test::kSampleSeedHex);
  }
}

TEST_F(HeaderTest, TakesPassphrasesAsBytes) {
  ExpectWrongKey(header_, Secret("Open sesame"));
  ExpectWrongKey(header_, Secret("open sesame\n"));
  ExpectWrongKey(header_, Secret(" open sesame"));
  ExpectWrongKey(header_, Secret(""));
  // "é" composed and decomposed are two passphrases.
  SecretBytes ignored;
  Result<Bytes> accented =
      CreateHeader(volume_, genesis_, Secret("caf\xc3\xa9"), kMinArgon2Cost, &ignored);
  ASSERT_TRUE(accented);
  ExpectOpens(*accented, Secret("caf\xc3\xa9"));
  ExpectWrongKey(*accented, Secret("cafe\xcc\x81"));
  // Any bytes do, NUL among them.
  const std::string_view binary("a\0b\xff", 4);
  Result<Bytes> odd = CreateHeader(volume_, genesis_, Secret(binary), kMinArgon2Cost, &ignored);
  ASSERT_TRUE(odd);
  ExpectOpens(*odd, Secret(binary));
  ExpectWrongKey(*odd, Secret("a"));
}

TEST_F(HeaderTest, SaysWhatIsWrongWithAWrongKey) {
  EXPECT_NE(Complaint("open says me").find("wrong passphrase"), std::string::npos);
  EXPECT_NE(Complaint(test::kSampleRecoveryKey).find("not one of this vault's"), std::string::npos);
  std::string typo(recovery_key_.view().begin(), recovery_key_.view().end());
  typo[15] = typo[15] == 'A' ? 'B' : 'A';
  EXPECT_NE(Complaint(typo).find("typo in group 3"), std::string::npos) << Complaint(typo);
}

TEST_F(HeaderTest, OpensWithAPassphraseThatLooksLikeARecoveryKey) {
  SecretBytes ignored;
  Result<Bytes> header =
      CreateHeader(volume_, genesis_, Secret(test::kSampleRecoveryKey), kMinArgon2Cost, &ignored);
  ASSERT_TRUE(header);
  ExpectOpens(*header, Secret(test::kSampleRecoveryKey));
}

TEST_F(HeaderTest, RefusesAnEmptyPassphraseAndForbiddenCosts) {
  SecretBytes ignored;
  for (const Argon2Cost& cost : {Argon2Cost{8191, 1, 1}, Argon2Cost{8192, 65, 1}, Argon2Cost{}}) {
    Result<Bytes> header = CreateHeader(volume_, genesis_, Secret("x"), cost, &ignored);
    EXPECT_EQ(CodeOf(header), ErrorCode::kInvalid);
  }
  EXPECT_EQ(CodeOf(CreateHeader(volume_, genesis_, Secret(""), kMinArgon2Cost, &ignored)),
            ErrorCode::kInvalid);
}

TEST_F(HeaderTest, ShowsItsPublicParts) {
  Result<HeaderInfo> info = ParseHeader(header_);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->format_version, kFormatVersion);
  EXPECT_EQ(info->minimum_reader_version, kFormatVersion);
  EXPECT_EQ(info->feature_flags, 0u);
  EXPECT_EQ(info->suite, kSuite);
  EXPECT_EQ(info->volume_id, volume_.volume_id);
  EXPECT_EQ(info->genesis_link, genesis_);
  EXPECT_EQ(info->previous_header, Digest{});
  ASSERT_EQ(info->slots.size(), 2u);
  EXPECT_EQ(info->slots[0].kind, SlotKind::kPassphrase);
  EXPECT_EQ(info->slots[0].cost, kMinArgon2Cost);
  EXPECT_EQ(info->slots[1].kind, SlotKind::kRecovery);
  EXPECT_EQ(info->slots[1].cost, std::nullopt);
}

TEST_F(HeaderTest, SharesNothingSecretBetweenTwoHeadersOfOneVolume) {
  SecretBytes other_key;
  Result<Bytes> other =
      CreateHeader(volume_, genesis_, Secret("open sesame"), kMinArgon2Cost, &other_key);
  ASSERT_TRUE(other);
  EXPECT_FALSE(EqualConstantTime(recovery_key_.view(), other_key.view()));
  for (size_t at = 112; at + 16 < header_.size(); ++at) {
    const ByteView slice = ByteView(header_).subspan(at, 16);
    if (std::ranges::count(slice, 0) > 4) continue;  // a slot's fixed fields
    EXPECT_TRUE(std::ranges::search(*other, slice).empty()) << "at " << at;
  }
}

TEST_F(HeaderTest, AddsAPassphrase) {
  Result<Bytes> more =
      AddPassphraseSlot(header_, volume_.secrets, Secret("second"), kMinArgon2Cost);
  ASSERT_TRUE(more);
  ExpectOpens(*more, Secret("open sesame"));
  ExpectOpens(*more, Secret("second"));
  ExpectOpens(*more, recovery_key_);
  ExpectWrongKey(header_, Secret("second"));
  EXPECT_EQ(ParseHeader(*more)->previous_header, Sha256(header_));
  EXPECT_EQ(ParseHeader(*more)->slots.size(), 3u);
}

TEST_F(HeaderTest, ReplacesTheRecoveryKey) {
  SecretBytes fresh;
  Result<Bytes> more = AddRecoverySlot(header_, volume_.secrets, &fresh);
  ASSERT_TRUE(more);
  Result<Bytes> replaced = RemoveSlot(*more, volume_.secrets, 1);
  ASSERT_TRUE(replaced);
  ExpectOpens(*replaced, fresh);
  ExpectOpens(*replaced, Secret("open sesame"));
  ExpectWrongKey(*replaced, recovery_key_);
}

TEST_F(HeaderTest, RemovesASlotButNeverTheLast) {
  Result<Bytes> fewer = RemoveSlot(header_, volume_.secrets, 0);
  ASSERT_TRUE(fewer);
  ExpectWrongKey(*fewer, Secret("open sesame"));
  ExpectOpens(*fewer, recovery_key_);
  EXPECT_EQ(CodeOf(RemoveSlot(*fewer, volume_.secrets, 0)), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(RemoveSlot(*fewer, volume_.secrets, 1)), ErrorCode::kNotFound);
}

TEST_F(HeaderTest, HasRoomForSixteenSlots) {
  Bytes header = header_;
  SecretBytes ignored;
  for (size_t slots = 2; slots < kMaxSlots; ++slots) {
    Result<Bytes> more = AddRecoverySlot(header, volume_.secrets, &ignored);
    ASSERT_TRUE(more);
    header = *more;
  }
  ExpectOpens(header, Secret("open sesame"));
  EXPECT_EQ(CodeOf(AddRecoverySlot(header, volume_.secrets, &ignored)), ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(AddPassphraseSlot(header, volume_.secrets, Secret("x"), kMinArgon2Cost)),
            ErrorCode::kInvalid);
}

TEST_F(HeaderTest, RefusesAnEmptyOrCheapSlot) {
  EXPECT_EQ(CodeOf(AddPassphraseSlot(header_, volume_.secrets, Secret(""), kMinArgon2Cost)),
            ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(AddPassphraseSlot(header_, volume_.secrets, Secret("x"), {1024, 1, 1})),
            ErrorCode::kInvalid);
}

TEST_F(HeaderTest, IsNotChangedWithAnotherVolumesSecrets) {
  const NewVolume other = GenerateVolume();
  SecretBytes ignored;
  EXPECT_EQ(CodeOf(RemoveSlot(header_, other.secrets, 0)), ErrorCode::kBadHeader);
  EXPECT_EQ(CodeOf(AddRecoverySlot(header_, other.secrets, &ignored)), ErrorCode::kBadHeader);
}

TEST(VolumeKeyCommitmentTest, HasTheDocumentedBytes) {
  VolumeId volume_id;
  std::ranges::copy(FromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), volume_id.begin());
  const SecretKey key = SecretKey::CopyOf(FromHex(test::kSampleVolumeKeyHex));
  EXPECT_EQ(ToHex(VolumeKeyCommitment(key, volume_id)),
            "b3aafc7746e0dbef65463004607fd570135bca087deb9e104a5dfa1b8941ee79");
}

}  // namespace
}  // namespace chainfs::crypto

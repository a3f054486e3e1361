// SPDX-License-Identifier: GPL-3.0-or-later
// What a header must withstand: damage (the checksum sees it), a newer format (refused by name),
// and an attacker who recomputes the checksum (the MAC sees it).
#include <gtest/gtest.h>

#include <random>

#include "crypto/base/byte_order.h"
#include "crypto/header.h"
#include "crypto/sha256.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/sample_header.h"

namespace chainfs::crypto {
namespace {

constexpr size_t kFirstSlotAt = 186, kSlotBytes = 152;

class HeaderDamageTest : public testing::Test {
 protected:
  // As an attacker would: everything that can be computed without a key is right.
  static void Reseal(Bytes& header) {
    PutBE(&header[16], static_cast<uint32_t>(header.size()));
    std::ranges::copy(Sha256(ByteView(header).first(header.size() - 32)), header.end() - 32);
  }
  static Error ParseError(ByteView header) {
    Result<HeaderInfo> info = ParseHeader(header);
    return info ? Error{ErrorCode::kExists, "it parsed"} : info.error();
  }
  static Error UnlockError(ByteView header, std::string_view with = test::kSampleRecoveryKey) {
    Result<VolumeSecrets> secrets = UnlockHeader(header, SecretBytes::CopyOf(with));
    return secrets ? Error{ErrorCode::kExists, "it opened"} : secrets.error();
  }

  Bytes header_ = test::FromHex(test::kSampleHeaderHex);
};

TEST_F(HeaderDamageTest, ReportsEveryTruncation) {
  for (size_t size = 0; size < header_.size(); ++size) {
    const Error error = ParseError(ByteView(header_).first(size));
    EXPECT_EQ(error.code, ErrorCode::kBadHeader) << size << ": " << error.message;
    EXPECT_EQ(UnlockError(ByteView(header_).first(size)).code, ErrorCode::kBadHeader);
  }
}

TEST_F(HeaderDamageTest, ReportsEveryFlippedBitAsDamageAndNeverAsAWrongKey) {
  for (size_t bit = 0; bit < header_.size() * 8; ++bit) {
    Bytes damaged = header_;
    damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    const ErrorCode expected = bit / 8 < 8 ? ErrorCode::kNotAVault : ErrorCode::kBadHeader;
    EXPECT_EQ(ParseError(damaged).code, expected) << "bit " << bit;
    EXPECT_EQ(UnlockError(damaged).code, expected) << "bit " << bit;
  }
}

// Cut off, but with length and checksum put right: nothing but the bounds can stop the reader.
TEST_F(HeaderDamageTest, RefusesEveryForgedTruncation) {
  for (size_t size = 52; size < header_.size(); ++size) {
    Bytes shorter(header_.begin(), header_.begin() + static_cast<ptrdiff_t>(size));
    Reseal(shorter);
    EXPECT_EQ(UnlockError(shorter).code, ErrorCode::kBadHeader) << size;
  }
}

TEST_F(HeaderDamageTest, ReportsTrailingBytes) {
  header_.push_back(0);
  EXPECT_EQ(ParseError(header_).code, ErrorCode::kBadHeader);
  header_.resize(kMaxHeaderBytes * 2);
  Reseal(header_);
  EXPECT_EQ(ParseError(header_).code, ErrorCode::kBadHeader);
}

TEST_F(HeaderDamageTest, RefusesEveryForgedByte) {
  for (size_t at = 8; at < header_.size() - 32; ++at) {
    if (at >= 16 && at < 20) continue;  // the length, which Reseal puts right again
    for (uint8_t flip : Bytes{0x01, 0x80, 0xff}) {
      Bytes forged = header_;
      forged[at] ^= flip;
      Reseal(forged);
      EXPECT_NE(UnlockError(forged).code, ErrorCode::kExists) << "byte " << at;
    }
  }
}

// The passphrase slot's own fields, tried with the passphrase. (Not its cost: that is what
// RefusesAForgedCost is for.)
TEST_F(HeaderDamageTest, RefusesEveryForgedByteOfThePassphraseSlot) {
  for (size_t at = kFirstSlotAt + 16; at < kFirstSlotAt + kSlotBytes; ++at) {
    Bytes forged = header_;
    forged[at] ^= 0x40;
    Reseal(forged);
    const Error error = UnlockError(forged, test::kSamplePassphrase);
    const bool in_salt_or_commitment = at < kFirstSlotAt + 80;
    EXPECT_EQ(error.code, in_salt_or_commitment ? ErrorCode::kWrongKey : ErrorCode::kBadHeader)
        << "byte " << at;
  }
}

TEST_F(HeaderDamageTest, RefusesAForgedCost) {
  // A weaker or stronger cost within the bounds gives another key.
  PutBE(&header_[kFirstSlotAt + 8], uint32_t{2});
  Reseal(header_);
  EXPECT_EQ(UnlockError(header_, test::kSamplePassphrase).code, ErrorCode::kWrongKey);
  // One out of bounds is refused before any memory is taken.
  for (const auto& [at, value] : {std::pair<size_t, uint32_t>{4, 0xffffffff},
                                  {4, 8191},
                                  {8, 0},
                                  {8, 65},
                                  {8, 0xffffffff},
                                  {12, 0},
                                  {12, 17},
                                  {12, 0xffffff}}) {
    Bytes forged = test::FromHex(test::kSampleHeaderHex);
    PutBE(&forged[kFirstSlotAt + at], value);
    Reseal(forged);
    EXPECT_EQ(ParseError(forged).code, ErrorCode::kBadHeader);
    EXPECT_EQ(UnlockError(forged, test::kSamplePassphrase).code, ErrorCode::kBadHeader);
  }
}

TEST_F(HeaderDamageTest, RefusesSlotsRemovedSwappedOrAddedWithoutTheKey) {
  const auto slot = [&](size_t i) { return header_.begin() + kFirstSlotAt + i * kSlotBytes; };
  Bytes removed = header_;
  removed.erase(removed.begin() + kFirstSlotAt, removed.begin() + kFirstSlotAt + kSlotBytes);
  removed[185] = 1;
  Reseal(removed);
  EXPECT_TRUE(ParseHeader(removed));
  EXPECT_EQ(UnlockError(removed).code, ErrorCode::kBadHeader);

  Bytes swapped = header_;
  std::ranges::copy(slot(1), slot(2), swapped.begin() + kFirstSlotAt);
  std::ranges::copy(slot(0), slot(1), swapped.begin() + kFirstSlotAt + kSlotBytes);
  Reseal(swapped);
  EXPECT_TRUE(ParseHeader(swapped));
  EXPECT_EQ(UnlockError(swapped).code, ErrorCode::kBadHeader);
  EXPECT_EQ(UnlockError(swapped, test::kSamplePassphrase).code, ErrorCode::kBadHeader);

  Bytes added = header_;
  added.insert(added.begin() + kFirstSlotAt, slot(0), slot(1));
  added[185] = 3;
  Reseal(added);
  EXPECT_TRUE(ParseHeader(added));
  EXPECT_EQ(UnlockError(added).code, ErrorCode::kBadHeader);
}

TEST_F(HeaderDamageTest, RefusesASlotOfAnotherVolume) {
  NewVolume other = GenerateVolume();
  SecretBytes ignored;
  Result<Bytes> foreign = CreateHeader(other, {}, SecretBytes::CopyOf(test::kSamplePassphrase),
                                       kMinArgon2Cost, &ignored);
  ASSERT_TRUE(foreign);
  std::copy_n(foreign->begin() + kFirstSlotAt, kSlotBytes, header_.begin() + kFirstSlotAt);
  Reseal(header_);
  EXPECT_EQ(UnlockError(header_, test::kSamplePassphrase).code, ErrorCode::kBadHeader);
}

TEST_F(HeaderDamageTest, RefusesImpossibleSlotCounts) {
  for (uint16_t count : std::vector<uint16_t>{0, 1, 3, 16, 17, 0xffff}) {
    PutBE(&header_[184], count);
    Reseal(header_);
    EXPECT_EQ(ParseError(header_).code, ErrorCode::kBadHeader) << count;
  }
}

TEST_F(HeaderDamageTest, NamesWhatItDoesNotKnow) {
  const auto complaint = [&](size_t at, auto value) {
    Bytes newer = test::FromHex(test::kSampleHeaderHex);
    PutBE(&newer[at], value);
    if (at == 12) PutBE(&newer[8], value);  // a newer minimum reader is of a newer format
    Reseal(newer);
    const Error error = ParseError(newer);
    EXPECT_EQ(error.code, ErrorCode::kUnknownFormat);
    EXPECT_EQ(UnlockError(newer).message, error.message);
    return error.message;
  };
  EXPECT_NE(complaint(12, uint32_t{7}).find("format 7"), std::string::npos);
  EXPECT_NE(complaint(20, uint32_t{2}).find("cipher suite 2"), std::string::npos);
  EXPECT_NE(complaint(24, uint64_t{1} << 5).find("feature flag bit 5,"), std::string::npos);
  EXPECT_NE(complaint(24, uint64_t{1} << 63 | 1).find("feature flag bit 0, bit 63,"),
            std::string::npos);
  EXPECT_NE(complaint(kFirstSlotAt, uint32_t{3}).find("key slot kind 3"), std::string::npos);
  EXPECT_NE(complaint(kFirstSlotAt, uint32_t{0x101}).find("key slot kind 257"), std::string::npos);
}

// A newer format that says that this reader may read it; the MAC still guards it.
TEST_F(HeaderDamageTest, ReadsANewerFormatThatAllowsIt) {
  PutBE(&header_[8], uint32_t{2});
  Reseal(header_);
  EXPECT_TRUE(ParseHeader(header_));
  EXPECT_EQ(UnlockError(header_).code, ErrorCode::kBadHeader);
  PutBE(&header_[8], uint32_t{0});
  Reseal(header_);
  EXPECT_EQ(ParseError(header_).code, ErrorCode::kBadHeader);
}

TEST_F(HeaderDamageTest, KnowsWhatIsNoHeader) {
  EXPECT_EQ(ParseError(test::FromText("#!/bin/sh\nexit 0\n")).code, ErrorCode::kNotAVault);
  EXPECT_EQ(ParseError(Bytes(1000, 0)).code, ErrorCode::kNotAVault);
  EXPECT_EQ(ParseError(test::FromText("chainfs")).code, ErrorCode::kBadHeader);
}

TEST_F(HeaderDamageTest, SurvivesRandomHeaders) {
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 100'000; ++i) {
    Bytes noise(random() % 700);
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random());
    if (noise.size() >= 52 && i % 4 != 0) {
      // Three in four get past the checksum, half of these with a plausible beginning.
      std::copy_n(header_.begin(), i % 2 ? 12 : std::min<size_t>(186, noise.size() - 32),
                  noise.begin());
      if (i % 8 == 1) std::copy_n(header_.begin(), 32, noise.begin());
      Reseal(noise);
    }
    EXPECT_NE(UnlockError(noise).code, ErrorCode::kExists);
  }
}

// Real headers with a few fields overwritten by values that are likely to hurt.
TEST_F(HeaderDamageTest, SurvivesMutatedHeaders) {
  std::mt19937_64 random(20240608);
  constexpr uint8_t kNasty[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  for (int i = 0; i < 20'000; ++i) {
    Bytes mutant = header_;
    for (uint64_t n = random() % 4 + 1; n > 0; --n) {
      mutant[8 + random() % (mutant.size() - 40)] = kNasty[random() % std::size(kNasty)];
    }
    if (mutant == header_) continue;
    Reseal(mutant);
    if (mutant == header_) continue;
    // Where the recovery slot is intact the answer comes before any Argon2 call; a mutated one
    // would try the passphrase slots, at their mutated cost.
    Result<HeaderInfo> info = ParseHeader(mutant);
    if (info && info->slots.front().cost != kMinArgon2Cost) continue;
    if (info && !std::ranges::equal(ByteView(mutant).subspan(338, 152),
                                    ByteView(header_).subspan(338, 152))) {
      continue;
    }
    EXPECT_NE(UnlockError(mutant).code, ErrorCode::kExists);
  }
}

}  // namespace
}  // namespace chainfs::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/object_proof.h"

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "ledger/text.h"
#include "ledger/tlog_proof.h"
#include "tests/ledger/error_of.h"
#include "tests/ledger/example_log.h"
#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

// A proof with one change of its parts.
template <class F>
std::string Changed(const std::string& file, F&& change) {
  TlogProof proof = *DecodeTlogProof(file);
  change(proof);
  return EncodeTlogProof(proof);
}

TEST(ObjectProofTest, ARecordProofGivesTheRecordAndTheCheckpoint) {
  ExampleLog log;
  Result<ProvenRecord> proven = VerifyRecordProof(log.RecordProof(), log.key);
  ASSERT_TRUE(proven);
  EXPECT_EQ(proven->record, log.record);
  EXPECT_EQ(proven->checkpoint, log.checkpoint);
  EXPECT_EQ(KindOfProof(log.RecordProof()), ProofKind::kRecord);
}

TEST(ObjectProofTest, AnObjectProofGivesTheBirthToo) {
  ExampleLog log;
  for (uint64_t i = 0; i < log.births.size(); ++i) {
    Result<ProvenObject> proven = VerifyObjectProof(log.ObjectProof(i), log.key);
    ASSERT_TRUE(proven);
    EXPECT_EQ(proven->in.record, log.record);
    EXPECT_EQ(proven->in.checkpoint, log.checkpoint);
    EXPECT_EQ(proven->birth_index, i);
    EXPECT_EQ(proven->birth, log.births[i]);
  }
  EXPECT_EQ(KindOfProof(log.ObjectProof()), ProofKind::kObject);
}

TEST(ObjectProofTest, ProvesEveryBirthOfEveryNumberOfBirths) {
  ExampleLog log;
  for (size_t count = 1; count <= 40; ++count) {
    log.births.clear();
    for (size_t i = 0; i < count; ++i) {
      log.births.push_back(
          ExampleLog::MakeBirth(i + 1, ObjectType::kData, static_cast<uint8_t>(i)));
    }
    log.record.birth_count = count;
    log.record.births_root = BirthsRoot(log.births);
    log.SignAgain();
    for (size_t i = 0; i < count; ++i) {
      Result<ProvenObject> proven = VerifyObjectProof(log.ObjectProof(i), log.key);
      ASSERT_TRUE(proven) << i << " of " << count;
      EXPECT_EQ(proven->birth, log.births[i]);
    }
  }
}

TEST(ObjectProofTest, OneKindDoesNotPassForTheOther) {
  ExampleLog log;
  const Error object = ErrorOf(VerifyRecordProof(log.ObjectProof(), log.key));
  EXPECT_EQ(object.code, ErrorCode::kInvalid);
  EXPECT_EQ(object.message, "a proof of an object, not of a record");
  const Error record = ErrorOf(VerifyObjectProof(log.RecordProof(), log.key));
  EXPECT_EQ(record.code, ErrorCode::kInvalid);
  EXPECT_EQ(record.message, "a proof of a record, not of an object");
}

TEST(ObjectProofTest, WhatIsNoProofOfChainfsHasNoKind) {
  ExampleLog log;
  EXPECT_FALSE(KindOfProof("hello"));
  const std::string foreign = Changed(log.RecordProof(), [](TlogProof& proof) {
    proof.extra = Bytes{1, 2, 3};
  });
  const std::string none =
      Changed(log.RecordProof(), [](TlogProof& proof) { proof.extra.reset(); });
  for (const std::string& file : {foreign, none}) {
    EXPECT_FALSE(KindOfProof(file));
    EXPECT_EQ(ErrorOf(VerifyRecordProof(file, log.key)).code, ErrorCode::kInvalid);
    EXPECT_EQ(ErrorOf(VerifyObjectProof(file, log.key)).code, ErrorCode::kInvalid);
  }
}

TEST(ObjectProofTest, TheWrongKeyIsToldFromAForgery) {
  ExampleLog log;
  VerifierKey other = log.key;
  other.key = crypto::Ed25519PublicKey(crypto::SecretKey::CopyOf(ExampleLog::Counting<32>(9)));
  EXPECT_EQ(ErrorOf(VerifyRecordProof(log.RecordProof(), other)).code, ErrorCode::kWrongKey);
  const std::string forged = Changed(log.RecordProof(), [](TlogProof& proof) {
    const size_t size_line = proof.checkpoint.find("\n3\n") + 1;
    proof.checkpoint[size_line] = '4';
  });
  EXPECT_EQ(ErrorOf(VerifyRecordProof(forged, log.key)).code, ErrorCode::kDamaged);
}

// Each of these is a record that is in the log of its checkpoint; only what it claims is wrong.
TEST(ObjectProofTest, TheRecordMustBeWhereItSaysAndOfTheSameVolume) {
  ExampleLog log;
  log.record.sequence = Sequence(2);
  log.SignAgain();
  const std::string misplaced =
      Changed(log.RecordProof(), [](TlogProof& proof) { proof.index = 1; });
  Error error = ErrorOf(VerifyRecordProof(misplaced, log.key));
  EXPECT_EQ(error.code, ErrorCode::kDamaged);
  EXPECT_EQ(error.message, "record 2 cannot be entry 1 of the log");

  log = ExampleLog();
  log.record.volume_id[0] ^= 1;
  log.SignAgain();
  error = ErrorOf(VerifyRecordProof(log.RecordProof(), log.key));
  EXPECT_EQ(error.code, ErrorCode::kDamaged);
  EXPECT_NE(error.message.find("another volume"), std::string::npos);
}

TEST(ObjectProofTest, TheLogMustBeOneOfChainfs) {
  ExampleLog log;
  log.checkpoint.origin = "example.com/log";
  log.note = SignCheckpoint(log.checkpoint, log.seed);
  log.key.name = log.checkpoint.origin;
  EXPECT_EQ(ErrorOf(VerifyRecordProof(log.RecordProof(), log.key)).code, ErrorCode::kInvalid);
}

TEST(ObjectProofTest, ABirthOfAnotherRecordIsNotProved) {
  ExampleLog log;
  std::vector<Birth> births = log.births;
  births[1].digest[0] ^= 1;
  const std::string file = MakeObjectProof(log.encoded, births, 1, log.inclusion, log.note);
  const Error error = ErrorOf(VerifyObjectProof(file, log.key));
  EXPECT_EQ(error.code, ErrorCode::kDamaged);
  EXPECT_NE(error.message.find("births"), std::string::npos);
}

TEST(ObjectProofTest, NoFlippedBitOfExtraIsAccepted) {
  ExampleLog log;
  const std::string files[] = {log.RecordProof(), log.ObjectProof()};
  for (const std::string& file : files) {
    const size_t bits = DecodeTlogProof(file)->extra->size() * 8;
    for (size_t bit = 0; bit < bits; ++bit) {
      const std::string bad = Changed(file, [&](TlogProof& proof) {
        (*proof.extra)[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      });
      EXPECT_FALSE(VerifyRecordProof(bad, log.key)) << bit;
      EXPECT_FALSE(VerifyObjectProof(bad, log.key)) << bit;
    }
  }
}

TEST(ObjectProofTest, NoOtherLengthOfExtraIsAccepted) {
  ExampleLog log;
  const std::string files[] = {log.RecordProof(), log.ObjectProof()};
  for (const std::string& file : files) {
    const Bytes good = *DecodeTlogProof(file)->extra;
    for (size_t size = 0; size <= good.size() + 33; ++size) {
      if (size == good.size()) continue;
      const std::string bad = Changed(file, [&](TlogProof& proof) { proof.extra->resize(size); });
      EXPECT_FALSE(VerifyRecordProof(bad, log.key)) << size;
      EXPECT_FALSE(VerifyObjectProof(bad, log.key)) << size;
    }
  }
}

TEST(ObjectProofTest, NoOtherByteAnywhereInTheFileIsAccepted) {
  ExampleLog log;
  const std::string good = log.ObjectProof();
  for (size_t i = 0; i < good.size(); ++i) {
    for (int mask : {0x01, 0x20, 0x80}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ mask);
      EXPECT_FALSE(VerifyObjectProof(bad, log.key)) << i;
    }
  }
}

// The worked example of docs/format-ledger.md.
constexpr char kVkey[] =
    "chainfs/101112131415161718191a1b1c1d1e1f/2021222324252627+46a95532+AQOhB7/"
    "zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
constexpr char kExtraHeadHex[] = "636861696e6f626a01010000";
constexpr char kExtraTailHex[] =
    "0000000000000009"
    "02"
    "00001010"
    "333333333333333333333333333333333333333333333333"
    "3434343434343434343434343434343434343434343434343434343434343434"
    "0000000000000001"
    "1ae0820308c4979374cda5a5a5b2668c325d5df62175567e3eff4a5f89ea86a4";
constexpr char kFileEnd[] = R"(index 1
oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8=
wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t8=

chainfs/101112131415161718191a1b1c1d1e1f/2021222324252627
3
EhwTsosQ8PlwX+mw/eSzfW/0F6U2Hcgmx7PWkg7N1m4=

— chainfs/101112131415161718191a1b1c1d1e1f/2021222324252627 RqlVMvCFQSoswIoPqpGjvPHd4qoPnCokOF2zY5mL6toOZkEM99j5fdc5yna/EZ59yp8yKT/szJrMJ6y5fIYDILiaFwM=
)";

TEST(ObjectProofTest, IsTheFileOfTheFormatDocument) {
  ExampleLog log;
  EXPECT_EQ(EncodeVerifierKey(log.key), kVkey);
  const std::string file = log.ObjectProof();
  const Bytes extra = *DecodeTlogProof(file)->extra;
  ASSERT_EQ(extra.size(), 537u);
  EXPECT_EQ(ToHex(ByteView(extra).first(12)), kExtraHeadHex);
  EXPECT_EQ(ToHex(ByteView(extra).subspan(12, 416)), ToHex(log.encoded));
  EXPECT_EQ(ToHex(ByteView(extra).subspan(428)), ToHex(FromHex(kExtraTailHex)));
  EXPECT_EQ(file.substr(file.find("index 1\n")), kFileEnd);
  EXPECT_EQ(ToHex(LinkOf(log.encoded)),
            "5a59de73e1166f89b899c3310e03f692becec5dd8c658a0c8cbf57d791504b95");
  EXPECT_EQ(ToHex(log.record.births_root),
            "61a7d769d8c9c6603aec481850216f3f1143debb888c12cca9c5780dd8ac7872");
  EXPECT_EQ(ToHex(crypto::Sha256(BytesOf(file))),
            "a9bebad7f7512cfb18e3541023a6357aeaabbc56a452925265f680890221a470");
}

}  // namespace
}  // namespace chainfs::ledger

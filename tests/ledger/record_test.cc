// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/record.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

template <size_t N>
std::array<uint8_t, N> Counting(uint8_t first) {
  std::array<uint8_t, N> out;
  std::iota(out.begin(), out.end(), first);
  return out;
}

// The worked example of docs/format.md: every field has bytes of its own.
Record ExampleCommit() {
  Record record;
  record.type = RecordType::kCommit;
  record.volume_id = Counting<16>(0x10);
  record.sequence = Sequence(0x0102030405060708);
  record.time_ns = 0x1112131415161718;
  record.session = Counting<16>(0x20);
  record.previous_link = Counting<32>(0x30);
  record.key_epoch = KeyEpoch(2);
  record.header_digest = Counting<32>(0x50);
  record.root = {ObjectId(0x2122232425262728), Counting<24>(0x70), 0x31323334};
  record.next_id = ObjectId(0x4142434445464748);
  record.birth_count = 3;
  record.births_root = Counting<32>(0x80);
  record.death_count = 4;
  record.deaths_digest = Counting<32>(0xa0);
  record.reap_count = 5;
  record.reaps_digest = Counting<32>(0xc0);
  record.live_objects = 6;
  record.live_bytes = 7;
  record.journal = Counting<16>(0xe0);
  return record;
}

Record ExampleGenesis() {
  Record record = ExampleCommit();
  record.type = RecordType::kGenesis;
  record.sequence = Sequence(0);
  record.previous_link = {};
  record.header_digest = {};
  record.ledger_public_key = Counting<32>(0x01);
  record.suite = 0x51525354;
  record.volume_key_commitment = Counting<32>(0x91);
  return record;
}

Record ExampleRollback() {
  Record record = ExampleCommit();
  record.type = RecordType::kRollbackAccepted;
  record.rollback = {0x0102030405060708, Counting<32>(0x11), 0x3132333435363738, Counting<32>(0x41),
                     Counting<8>(0x61)};
  return record;
}

Record ExampleRepair() {
  Record record = ExampleCommit();
  record.type = RecordType::kRepair;
  record.repair = {0x01020304, Sequence(0x1112131415161718), Counting<32>(0x21),
                   0x4142434445464748};
  return record;
}

std::array<Record, 4> AllExamples() {
  return {ExampleCommit(), ExampleGenesis(), ExampleRollback(), ExampleRepair()};
}

// How many of the last 88 bytes the type uses.
size_t OwnBytes(RecordType type) {
  if (type == RecordType::kGenesis) return 68;
  if (type == RecordType::kRollbackAccepted) return 88;
  return type == RecordType::kRepair ? 52 : 0;
}

constexpr char kCommitHex[] =
    "636861696e72656301020000101112131415161718191a1b1c1d1e1f01020304"
    "050607081112131415161718202122232425262728292a2b2c2d2e2f30313233"
    "3435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f00000000"
    "00000002505152535455565758595a5b5c5d5e5f606162636465666768696a6b"
    "6c6d6e6f2122232425262728707172737475767778797a7b7c7d7e7f80818283"
    "8485868731323334414243444546474800000000000000038081828384858687"
    "88898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f0000000000000004"
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
    "0000000000000005c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
    "d8d9dadbdcdddedf00000000000000060000000000000007e0e1e2e3e4e5e6e7"
    "e8e9eaebecedeeef000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr char kGenesisTailHex[] =
    "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
    "515253549192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabac"
    "adaeafb0"
    "0000000000000000000000000000000000000000";
constexpr char kRollbackTailHex[] =
    "01020304050607081112131415161718191a1b1c1d1e1f202122232425262728"
    "292a2b2c2d2e2f3031323334353637384142434445464748494a4b4c4d4e4f50"
    "5152535455565758595a5b5c5d5e5f606162636465666768";
constexpr char kRepairTailHex[] =
    "010203041112131415161718"
    "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40"
    "4142434445464748"
    "000000000000000000000000000000000000000000000000000000000000000000000000";

TEST(RecordTest, EncodesToTheBytesOfTheFormatDocument) {
  EXPECT_EQ(ToHex(EncodeRecord(ExampleCommit())), ToHex(FromHex(kCommitHex)));
  const auto tail = [](const Record& record) {
    const Bytes bytes = EncodeRecord(record);
    EXPECT_EQ(bytes.size(), kRecordBytes);
    return ToHex(ByteView(bytes).last(88));
  };
  EXPECT_EQ(tail(ExampleGenesis()), kGenesisTailHex);
  EXPECT_EQ(tail(ExampleRollback()), kRollbackTailHex);
  EXPECT_EQ(tail(ExampleRepair()), kRepairTailHex);
}

TEST(RecordTest, LinkIsTheLeafHashOfTheEncodedRecord) {
  EXPECT_EQ(ToHex(LinkOf(EncodeRecord(ExampleCommit()))),
            "f82498b8b0e688583d5c3d5ee2a0a64b020598218281e73c2cb8344e80452f15");
}

TEST(RecordTest, DecodesWhatItEncodes) {
  for (const Record& record : AllExamples()) {
    EXPECT_EQ(DecodeRecord(EncodeRecord(record)), record);
  }
  Record record = ExampleCommit();
  for (int type = 2; type <= 9; ++type) {
    record.type = static_cast<RecordType>(type);
    EXPECT_EQ(DecodeRecord(EncodeRecord(record)), record) << type;
  }
}

TEST(RecordTest, RefusesEveryOtherLength) {
  Bytes bytes = EncodeRecord(ExampleCommit());
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(DecodeRecord(ByteView(bytes).first(n)));
  bytes.push_back(0);
  EXPECT_FALSE(DecodeRecord(bytes));
}

TEST(RecordTest, EveryFlippedBitIsRefusedOrDecodesToExactlyTheseBytes) {
  for (const Record& record : AllExamples()) {
    const Bytes good = EncodeRecord(record);
    size_t refused = 0;
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      Bytes bad = good;
      bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      std::optional<Record> decoded = DecodeRecord(bad);
      if (!decoded) {
        ++refused;
        continue;
      }
      EXPECT_NE(*decoded, record) << "bit " << bit;
      EXPECT_EQ(EncodeRecord(*decoded), bad) << "bit " << bit;
    }
    EXPECT_GE(refused, (8 + 1 + 2 + 88 - OwnBytes(record.type)) * 8u);
  }
}

TEST(RecordTest, RefusesWhatMustBeZeroAndIsNot) {
  struct Change {
    const char* what;
    Record base;
    size_t offset;
  };
  const Change changes[] = {
      {"reserved", ExampleCommit(), 10},         {"reserved", ExampleCommit(), 11},
      {"ledger key", ExampleCommit(), 328},      {"suite", ExampleCommit(), 363},
      {"last byte", ExampleCommit(), 415},       {"genesis link", ExampleGenesis(), 60},
      {"genesis header", ExampleGenesis(), 131}, {"genesis sequence", ExampleGenesis(), 35},
      {"after genesis", ExampleGenesis(), 396},  {"after genesis", ExampleGenesis(), 415},
      {"after repair", ExampleRepair(), 380},    {"after repair", ExampleRepair(), 415},
  };
  for (const Change& change : changes) {
    Bytes bytes = EncodeRecord(change.base);
    ASSERT_TRUE(DecodeRecord(bytes));
    bytes[change.offset] = 1;
    EXPECT_FALSE(DecodeRecord(bytes)) << change.what;
  }
}

// The same 88 bytes under another type are other fields or none; they never pass for nothing.
TEST(RecordTest, RefusesTheFieldsOfAnotherType) {
  for (const Record& record : {ExampleRollback(), ExampleRepair()}) {
    for (uint8_t type = 2; type <= 9; ++type) {
      if (OwnBytes(static_cast<RecordType>(type)) > 0) continue;
      Bytes bytes = EncodeRecord(record);
      bytes[9] = type;
      EXPECT_FALSE(DecodeRecord(bytes)) << int{type};
    }
  }
}

TEST(RecordTest, RefusesUnknownTypesAndASecondGenesis) {
  Bytes bytes = EncodeRecord(ExampleCommit());
  for (int type : {0, 1, 10, 255}) {
    bytes[9] = static_cast<uint8_t>(type);
    EXPECT_FALSE(DecodeRecord(bytes)) << type;
  }
  bytes = EncodeRecord(ExampleGenesis());
  bytes[9] = static_cast<uint8_t>(RecordType::kCommit);
  EXPECT_FALSE(DecodeRecord(bytes)) << "sequence 0 belongs to genesis";
}

}  // namespace
}  // namespace chainfs::ledger

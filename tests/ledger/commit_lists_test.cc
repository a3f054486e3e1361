// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/commit_lists.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/base/byte_order.h"
#include "crypto/sha256.h"
#include "ledger/merkle.h"
#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

Birth MakeBirth(uint64_t id, ObjectType type, uint8_t fill) {
  Birth birth{ObjectId(id), type, 4112, {}, {}};
  birth.nonce.fill(fill);
  birth.digest.fill(static_cast<uint8_t>(fill + 1));
  return birth;
}

// The worked example of docs/format.md.
CommitLists Example() {
  CommitLists lists;
  lists.births = {MakeBirth(7, ObjectType::kNode, 0x11), MakeBirth(9, ObjectType::kData, 0x33)};
  lists.deaths = {{ObjectId(5), 4112}};
  lists.reaps = {{ObjectId(2), 131088}, {ObjectId(1), 20}};
  return lists;
}

constexpr char kListsHex[] =
    "636861696e6c7374000000010000000200000001000000020000000000000007"
    "0100001010111111111111111111111111111111111111111111111111121212"
    "1212121212121212121212121212121212121212121212121212121212000000"
    "0000000009020000101033333333333333333333333333333333333333333333"
    "3333343434343434343434343434343434343434343434343434343434343434"
    "3434000000000000000500001010000000000000000200020010000000000000"
    "000100000014";

TEST(CommitListsTest, EncodesToTheBytesOfTheFormatDocument) {
  EXPECT_EQ(ToHex(EncodeLists(Example())), ToHex(FromHex(kListsHex)));
}

TEST(CommitListsTest, DecodesWhatItEncodes) {
  EXPECT_EQ(DecodeLists(EncodeLists(Example())), Example());
  EXPECT_EQ(DecodeLists(EncodeLists({})), CommitLists{});
}

TEST(CommitListsTest, RefusesEveryOtherLength) {
  Bytes bytes = EncodeLists(Example());
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(DecodeLists(ByteView(bytes).first(n)));
  bytes.push_back(0);
  EXPECT_FALSE(DecodeLists(bytes));
}

TEST(CommitListsTest, EveryFlippedBitIsRefusedOrDecodesToExactlyTheseBytes) {
  const Bytes good = EncodeLists(Example());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    std::optional<CommitLists> decoded = DecodeLists(bad);
    if (bit / 8 < kListsHeaderBytes) {
      EXPECT_FALSE(decoded) << "bit " << bit;
    } else if (decoded) {
      EXPECT_EQ(EncodeLists(*decoded), bad) << "bit " << bit;
    }
  }
}

// Counts as large as they go, chosen so that their sum wraps around if it is kept in 32 or 64
// bits carelessly; nothing may be allocated for them.
TEST(CommitListsTest, HostileCountsAreRefusedBeforeAllocating) {
  Bytes bytes = EncodeLists(Example());
  for (uint32_t count : {0xffffffffu, 0x80000000u, 0x10000000u, 62245903u}) {
    for (size_t offset : {12, 16, 20}) {
      Bytes bad = bytes;
      PutBE(bad.data() + offset, count);
      EXPECT_FALSE(DecodeLists(bad)) << count << " at " << offset;
    }
  }
}

TEST(CommitListsTest, RefusesBirthsOutOfOrderAndTwice) {
  Bytes bytes = EncodeLists(Example());
  for (uint64_t second : {7, 6, 0}) {
    PutBE(bytes.data() + kListsHeaderBytes + kBirthBytes, second);
    EXPECT_FALSE(DecodeLists(bytes)) << second;
  }
}

TEST(CommitListsTest, RefusesUnknownTypesAndIdZero) {
  const Bytes good = EncodeLists(Example());
  for (int type : {0, 4, 255}) {
    Bytes bad = good;
    bad[kListsHeaderBytes + 8] = static_cast<uint8_t>(type);
    EXPECT_FALSE(DecodeLists(bad)) << type;
  }
  for (size_t row : {kListsHeaderBytes, kListsHeaderBytes + 2 * kBirthBytes,
                     kListsHeaderBytes + 2 * kBirthBytes + kDeathBytes}) {
    Bytes bad = good;
    PutBE(bad.data() + row, uint64_t{0});
    EXPECT_FALSE(DecodeLists(bad)) << row;
  }
}

TEST(CommitListsTest, BirthsRootIsTheMerkleRootOverTheStoredRows) {
  const CommitLists lists = Example();
  const Bytes stored = EncodeLists(lists);
  ByteView rows = ByteView(stored).subspan(kListsHeaderBytes);
  EXPECT_EQ(BirthsRoot(lists.births), NodeHash(LeafHash(rows.first(kBirthBytes)),
                                               LeafHash(rows.subspan(kBirthBytes, kBirthBytes))));
  EXPECT_EQ(BirthsRoot({}), crypto::Sha256(ByteView()));
}

TEST(CommitListsTest, ABirthRowComesBackOrIsRefused) {
  for (const Birth& birth : Example().births) {
    const std::array<uint8_t, kBirthBytes> row = EncodeBirth(birth);
    EXPECT_EQ(DecodeBirth(row), birth);
    for (size_t size = 0; size < row.size(); ++size) {
      EXPECT_FALSE(DecodeBirth(ByteView(row).first(size)));
    }
    Bytes longer(row.begin(), row.end());
    longer.push_back(0);
    EXPECT_FALSE(DecodeBirth(longer));
  }
  EXPECT_FALSE(DecodeBirth(EncodeBirth(MakeBirth(0, ObjectType::kNode, 1))));
  for (uint8_t type : {0, 4, 255}) {
    EXPECT_FALSE(DecodeBirth(EncodeBirth(MakeBirth(1, static_cast<ObjectType>(type), 1))));
  }
}

TEST(CommitListsTest, DeathsDigestIsSha256OfTheStoredRows) {
  const CommitLists lists = Example();
  const Bytes stored = EncodeLists(lists);
  ByteView rows = ByteView(stored).subspan(kListsHeaderBytes + 2 * kBirthBytes);
  EXPECT_EQ(DeathsDigest(lists.deaths), crypto::Sha256(rows.first(kDeathBytes)));
  EXPECT_EQ(DeathsDigest(lists.reaps), crypto::Sha256(rows.subspan(kDeathBytes)));
  EXPECT_EQ(DeathsDigest({}), crypto::Sha256(ByteView()));
}

TEST(CommitListsTest, RowsLieWhereTheListsAreEncoded) {
  const CommitLists lists = Example();
  const Bytes stored = EncodeLists(lists);
  const std::optional<ListRows> rows = SplitLists(stored);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->birth_count(), lists.births.size());
  ASSERT_EQ(rows->death_count(), lists.deaths.size());
  ASSERT_EQ(rows->reap_count(), lists.reaps.size());
  EXPECT_EQ(DecodeBirth(rows->births.last(kBirthBytes)), lists.births.back());
  EXPECT_EQ(DecodeDeath(rows->deaths.data()), lists.deaths.front());
  EXPECT_EQ(DecodeDeath(rows->reaps.data() + kDeathBytes), lists.reaps.back());
  EXPECT_EQ(BirthsRootOfRows(rows->births), BirthsRoot(lists.births));
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(SplitLists(ByteView(stored).first(size)));
  }
}

TEST(CommitListsTest, AMillionBirthsGoRoundTrip) {
  CommitLists lists;
  for (uint64_t id = 1; id <= 1000000; ++id) {
    lists.births.push_back(MakeBirth(id * 3, ObjectType::kData, static_cast<uint8_t>(id)));
  }
  const Bytes stored = EncodeLists(lists);
  EXPECT_EQ(stored.size(), kListsHeaderBytes + 1000000 * kBirthBytes);
  std::optional<CommitLists> decoded = DecodeLists(stored);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->births, lists.births);
}

}  // namespace
}  // namespace chainfs::ledger

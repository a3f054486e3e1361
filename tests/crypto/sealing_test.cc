// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/sealing.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "crypto/sha256.h"
#include "tests/crypto/hex.h"

namespace chainfs::crypto {
namespace {

using test::Counting;

class ObjectSealerTest : public testing::Test {
 protected:
  static SecretKey Key(uint8_t byte) { return SecretKey::CopyOf(Bytes(32, byte)); }
  static VolumeId Volume(uint8_t byte) {
    VolumeId id;
    id.fill(byte);
    return id;
  }
  static Pointer NewPointer(uint64_t id, size_t length) {
    Pointer pointer;
    pointer.id = ObjectId(id);
    FillRandom(pointer.nonce);
    pointer.length_bytes = static_cast<uint32_t>(length);
    return pointer;
  }
  Bytes Seal(ObjectType type, const Pointer& pointer, ByteView plaintext) const {
    Bytes sealed(SealedBytes(plaintext.size()));
    sealer_.Seal(type, pointer, {&plaintext, 1}, sealed);
    return sealed;
  }
  static bool Opens(const ObjectSealer& sealer, ObjectType type, const Pointer& pointer,
                    ByteView sealed) {
    Bytes out(pointer.length_bytes, 0xee);
    const bool opened = sealer.Open(type, pointer, sealed, out);
    if (!opened) {
      EXPECT_EQ(out, Bytes(out.size(), 0));
    }
    return opened;
  }

  ObjectSealer sealer_{Volume(1), KeyEpoch(0), Key(1)};
};

TEST_F(ObjectSealerTest, OpensWhatItSealed) {
  for (size_t size : {0u, 1u, 100u, 4095u, 4096u, 4097u, 8192u, 131072u}) {
    const Bytes plaintext = Counting(size);
    const Pointer pointer = NewPointer(5, size);
    const Bytes sealed = Seal(ObjectType::kData, pointer, plaintext);
    Bytes out(size);
    ASSERT_TRUE(sealer_.Open(ObjectType::kData, pointer, sealed, out));
    EXPECT_EQ(out, plaintext);
  }
}

TEST_F(ObjectSealerTest, OpensAnyPartOfAnObject) {
  const size_t size = 5 * kChunkBytes + 100;
  const Bytes plaintext = Counting(size);
  const Pointer pointer = NewPointer(5, size);
  const Bytes sealed = Seal(ObjectType::kData, pointer, plaintext);
  for (size_t begin : {size_t{0}, size_t{1}, kChunkBytes - 1, kChunkBytes, 2 * kChunkBytes + 7}) {
    for (size_t count : {size_t{1}, size_t{100}, kChunkBytes, 2 * kChunkBytes, size - begin}) {
      const size_t first = begin / kChunkBytes;
      const size_t end = std::min((begin + count - 1) / kChunkBytes + 1, size_t{6});
      const size_t sealed_end = std::min(end * kSealedChunkBytes, sealed.size());
      const ByteView chunks = ByteView(sealed).subspan(first * kSealedChunkBytes,
                                                       sealed_end - first * kSealedChunkBytes);
      Bytes out(count, 0xee);
      ASSERT_TRUE(sealer_.OpenChunks(ObjectType::kData, pointer, chunks, begin, out))
          << begin << " " << count;
      EXPECT_TRUE(std::ranges::equal(out, ByteView(plaintext).subspan(begin, count)));
      // A chunk too many or too few is not what was asked for.
      EXPECT_FALSE(sealer_.OpenChunks(ObjectType::kData, pointer, chunks.first(chunks.size() - 1),
                                      begin, out));
      EXPECT_EQ(out, Bytes(count, 0));
      if (sealed_end < sealed.size()) {
        const ByteView more =
            ByteView(sealed).subspan(first * kSealedChunkBytes, chunks.size() + 1);
        EXPECT_FALSE(sealer_.OpenChunks(ObjectType::kData, pointer, more, begin, out));
      }
    }
  }
}

// Parts are cut anywhere; the sealed bytes do not depend on where.
TEST_F(ObjectSealerTest, SealsPartsAsOnePlaintext) {
  const Bytes plaintext = Counting(3 * kChunkBytes + 17);
  const Pointer pointer = NewPointer(5, plaintext.size());
  const Bytes whole = Seal(ObjectType::kData, pointer, plaintext);
  for (size_t cut : {size_t{0}, size_t{1}, kChunkBytes, kChunkBytes + 1, 3 * kChunkBytes}) {
    const ByteView parts[] = {ByteView(plaintext).first(cut), {}, ByteView(plaintext).subspan(cut)};
    Bytes sealed(whole.size());
    sealer_.Seal(ObjectType::kData, pointer, parts, sealed);
    EXPECT_EQ(sealed, whole) << cut;
  }
}

TEST_F(ObjectSealerTest, RefusesChunksInAnotherOrderOrNumber) {
  const size_t size = 3 * kChunkBytes;
  const Pointer pointer = NewPointer(5, size);
  const Bytes sealed = Seal(ObjectType::kData, pointer, Counting(size));
  Bytes swapped = sealed;
  std::swap_ranges(swapped.begin(), swapped.begin() + kSealedChunkBytes,
                   swapped.begin() + kSealedChunkBytes);
  EXPECT_FALSE(Opens(sealer_, ObjectType::kData, pointer, swapped));
  // Cut off at a chunk, with a length that says so.
  Pointer shorter = pointer;
  shorter.length_bytes = 2 * kChunkBytes;
  EXPECT_FALSE(
      Opens(sealer_, ObjectType::kData, shorter, ByteView(sealed).first(2 * kSealedChunkBytes)));
}

TEST_F(ObjectSealerTest, FindsEveryFlippedBitOfEveryChunk) {
  const size_t size = 2 * kChunkBytes + 5;
  const Pointer pointer = NewPointer(5, size);
  Bytes sealed = Seal(ObjectType::kData, pointer, Counting(size));
  for (size_t at = 0; at < sealed.size(); at += 37) {
    sealed[at] ^= 0x10;
    EXPECT_FALSE(Opens(sealer_, ObjectType::kData, pointer, sealed)) << at;
    sealed[at] ^= 0x10;
  }
  EXPECT_TRUE(Opens(sealer_, ObjectType::kData, pointer, sealed));
}

TEST_F(ObjectSealerTest, SealsTheSameBytesAgainOnRetry) {
  const Pointer pointer = NewPointer(5, 50);
  EXPECT_EQ(Seal(ObjectType::kNode, pointer, Counting(50)),
            Seal(ObjectType::kNode, pointer, Counting(50)));
}

TEST_F(ObjectSealerTest, RefusesAnObjectUnderAnotherPointer) {
  const Pointer pointer = NewPointer(5, 50);
  const Bytes sealed = Seal(ObjectType::kData, pointer, Counting(50));
  ASSERT_TRUE(Opens(sealer_, ObjectType::kData, pointer, sealed));

  Pointer other_id = pointer;
  other_id.id = ObjectId(6);
  EXPECT_FALSE(Opens(sealer_, ObjectType::kData, other_id, sealed));
  Pointer other_nonce = pointer;
  other_nonce.nonce[23] ^= 1;
  EXPECT_FALSE(Opens(sealer_, ObjectType::kData, other_nonce, sealed));
  Pointer other_length = pointer;
  other_length.length_bytes = 49;
  EXPECT_FALSE(Opens(sealer_, ObjectType::kData, other_length, sealed));
  EXPECT_FALSE(Opens(sealer_, ObjectType::kData, other_length, ByteView(sealed).first(65)));
}

// Data and xattr objects share a key: the AAD keeps them apart.
TEST_F(ObjectSealerTest, RefusesAnObjectAsAnotherType) {
  const Pointer pointer = NewPointer(5, 50);
  const Bytes sealed = Seal(ObjectType::kData, pointer, Counting(50));
  EXPECT_FALSE(Opens(sealer_, ObjectType::kNode, pointer, sealed));
  EXPECT_FALSE(Opens(sealer_, ObjectType::kXattr, pointer, sealed));
}

TEST_F(ObjectSealerTest, RefusesAnObjectOfAnotherVolumeEpochOrKey) {
  const Pointer pointer = NewPointer(5, 50);
  const Bytes sealed = Seal(ObjectType::kNode, pointer, Counting(50));
  EXPECT_TRUE(
      Opens(ObjectSealer(Volume(1), KeyEpoch(0), Key(1)), ObjectType::kNode, pointer, sealed));
  EXPECT_FALSE(
      Opens(ObjectSealer(Volume(2), KeyEpoch(0), Key(1)), ObjectType::kNode, pointer, sealed));
  EXPECT_FALSE(
      Opens(ObjectSealer(Volume(1), KeyEpoch(1), Key(1)), ObjectType::kNode, pointer, sealed));
  EXPECT_FALSE(
      Opens(ObjectSealer(Volume(1), KeyEpoch(0), Key(2)), ObjectType::kNode, pointer, sealed));
}

// The format is fixed: if these digests change, released vaults no longer open. They come from an
// independent implementation (Python, cryptography 48).
TEST_F(ObjectSealerTest, SealsTheDocumentedBytes) {
  Pointer pointer;
  pointer.id = ObjectId(42);
  std::ranges::copy(Counting(24), pointer.nonce.begin());
  pointer.length_bytes = 100;
  EXPECT_EQ(test::ToHex(Sha256(Seal(ObjectType::kData, pointer, Counting(100)))),
            "745c10f6e553495ea4a86241bc14efdb642616527f2097ec9f76a9692dcb5ccb");
  EXPECT_EQ(test::ToHex(Sha256(Seal(ObjectType::kNode, pointer, Counting(100)))),
            "6ad4f591cb8041a39e27ccc4b93321158359ef4332592b3f76351a12ea7c95db");
  pointer.length_bytes = 131067;  // 32 chunks
  EXPECT_EQ(test::ToHex(Sha256(Seal(ObjectType::kData, pointer, Counting(131067)))),
            "4b88019e771e1270d427ec9d86d1162019878450ad2f1d05ded2f21db58b5b3b");
  pointer.length_bytes = 8128;
  EXPECT_EQ(test::ToHex(Sha256(Seal(ObjectType::kNode, pointer, Counting(8128)))),
            "163162f8974f5eae91037a74d30f6aea8335e0a498e8a35b371107c33168a414");
}

}  // namespace
}  // namespace chainfs::crypto

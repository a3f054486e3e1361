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
    Bytes sealed(plaintext.size() + kTagBytes);
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
  for (size_t size : {0u, 1u, 100u, 4096u, 131072u}) {
    const Bytes plaintext = Counting(size);
    const Pointer pointer = NewPointer(5, size);
    const Bytes sealed = Seal(ObjectType::kData, pointer, plaintext);
    Bytes out(size);
    ASSERT_TRUE(sealer_.Open(ObjectType::kData, pointer, sealed, out));
    EXPECT_EQ(out, plaintext);
  }
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
}

}  // namespace
}  // namespace chainfs::crypto

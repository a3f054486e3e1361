// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/tree/node.h"

#include <gtest/gtest.h>

#include <cstring>

namespace chainfs::fs {
namespace {

// A sealed node's plaintext, for tests to spoil.
class NodeValidateTest : public ::testing::Test {
 protected:
  static constexpr size_t kSlots = 48;

  NodeValidateTest() {
    Node node(ObjectId(1), 1, 0);
    for (uint64_t i = 0; i < 10; ++i) {
      const Bytes value(20, static_cast<uint8_t>(i));
      EXPECT_TRUE(node.InsertItem(i, Key(InodeNumber(i + 1), ItemKind::kDentry, 0), value));
    }
    node.EraseAt(3);
    std::vector<ByteView> parts;
    node.Gather(parts, plaintext_);
  }
  bool IsSound() const {
    Node node{Pointer{}};
    std::memcpy(node.plaintext().data(), plaintext_.data(), plaintext_.size());
    return node.Validate();
  }
  uint16_t Slot(size_t i) const { return GetBE<uint16_t>(plaintext_.data() + kSlots + 2 * i); }
  void SetSlot(size_t i, size_t at) {
    PutBE(plaintext_.data() + kSlots + 2 * i, static_cast<uint16_t>(at));
  }

  Bytes plaintext_;
};

TEST_F(NodeValidateTest, AcceptsWhatWasSealed) { EXPECT_TRUE(IsSound()); }

TEST_F(NodeValidateTest, RefusesCellsThatOverlap) {
  // Garbage makes up for what the overlap hides.
  SetSlot(8, Slot(8) + 5);
  PutBE(plaintext_.data() + 6, uint16_t{5});
  EXPECT_FALSE(IsSound());
}

TEST_F(NodeValidateTest, RefusesBytesOutsideOfTheCells) {
  plaintext_[kSlots + 2 * 9] = 1;
  EXPECT_FALSE(IsSound());
}

TEST_F(NodeValidateTest, RefusesKeysOutOfOrder) {
  const auto one = Slot(0), other = Slot(1);
  SetSlot(0, other);
  SetSlot(1, one);
  EXPECT_FALSE(IsSound());
}

TEST_F(NodeValidateTest, RefusesEveryLengthButTheRightOne) {
  const size_t at = Slot(4) + kKeyBytes;
  for (uint32_t length = 0; length < 65'536; ++length) {
    PutBE(plaintext_.data() + at, static_cast<uint16_t>(length));
    EXPECT_EQ(IsSound(), length == 20) << length;
  }
}

TEST_F(NodeValidateTest, RefusesEveryOtherCount) {
  for (uint32_t count = 0; count < 65'536; ++count) {
    PutBE(plaintext_.data() + 2, static_cast<uint16_t>(count));
    EXPECT_EQ(IsSound(), count == 9) << count;
  }
}

}  // namespace
}  // namespace chainfs::fs

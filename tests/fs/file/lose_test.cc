// SPDX-License-Identifier: GPL-3.0-or-later
// A piece that a repair has given up: exactly its blocks are errors, until they are replaced.
#include "fs/file/lose.h"

#include "fs/file/zero.h"
#include "tests/fs/file/file_fixture.h"

namespace chainfs::fs {
namespace {

class LostPieceTest : public FileTest {
 protected:
  // Blocks 0 to 7 in one piece, of which 4 and 5 are in another; that one is lost.
  void SetUp() override {
    Open();
    MakeFile();
    content_ = Pattern(8 * kBlockBytes, 1);
    Write(0, content_);
    Sync();
    const Bytes over = Pattern(2 * kBlockBytes, 2);
    Write(4 * kBlockBytes, over);
    std::copy(over.begin(), over.end(), content_.begin() + 4 * kBlockBytes);
    Sync();
    const ObjectId newest = PiecesOf()[0].pointer.id;
    {
      auto change = Begin();
      ASSERT_TRUE(LosePiece(change, kFile, RegionIndex(0), newest));
      EXPECT_EQ(LosePiece(change, kFile, RegionIndex(0), newest).error().code,
                ErrorCode::kNotFound);
    }
    Sync();
    Reopen();
  }
  Pieces PiecesOf() {
    ReadView view(*core_);
    auto item = view.Find(Key(kFile, ItemKind::kExtent, 0));
    EXPECT_TRUE(item);
    return *DecodePieces(item->value);
  }
  // A bit for each block that cannot be read; the others must be right.
  BlockMask Unreadable() {
    BlockMask lost = 0;
    for (size_t i = 0; i < content_.size() / kBlockBytes; ++i) {
      Bytes out(kBlockBytes);
      auto read = fs::Read(*core_, kFile, i * kBlockBytes, out);
      if (!read) {
        EXPECT_EQ(read.error().code, ErrorCode::kDamaged);
        lost |= BlockBit(i);
      } else {
        EXPECT_TRUE(std::equal(out.begin(), out.end(),
                               content_.begin() + static_cast<ptrdiff_t>(i * kBlockBytes)));
      }
    }
    return lost;
  }

  Bytes content_;
};

TEST_F(LostPieceTest, ExactlyItsBlocksCannotBeRead) { EXPECT_EQ(Unreadable(), 0x30u); }

TEST_F(LostPieceTest, WritingABlockWholeBringsItBack) {
  const Bytes fresh = Pattern(kBlockBytes, 3);
  Write(4 * kBlockBytes, fresh);
  std::copy(fresh.begin(), fresh.end(), content_.begin() + 4 * kBlockBytes);
  Sync();
  EXPECT_EQ(Unreadable(), 0x20u);
  Write(5 * kBlockBytes, fresh);
  std::copy(fresh.begin(), fresh.end(), content_.begin() + 5 * kBlockBytes);
  Sync();
  Reopen();
  EXPECT_EQ(Unreadable(), 0u);
}

TEST_F(LostPieceTest, WritingPartOfABlockFailsAndChangesNothing) {
  auto written = fs::Write(*core_, kFile, 4 * kBlockBytes + 1, Pattern(10, 3), false);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kDamaged);
  EXPECT_EQ(Unreadable(), 0x30u);
}

TEST_F(LostPieceTest, PunchingAndTruncatingMakeItGoAway) {
  ASSERT_TRUE(fs::PunchHole(*core_, kFile, 4 * kBlockBytes, kBlockBytes));
  std::fill_n(content_.begin() + 4 * kBlockBytes, kBlockBytes, uint8_t{0});
  Sync();
  EXPECT_EQ(Unreadable(), 0x20u);
  Truncate(5 * kBlockBytes);
  content_.resize(5 * kBlockBytes);
  Sync();
  Reopen();
  EXPECT_EQ(Unreadable(), 0u);
  EXPECT_EQ(PiecesOf().size(), 1u);
}

}  // namespace
}  // namespace chainfs::fs

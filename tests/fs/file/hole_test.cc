// SPDX-License-Identifier: GPL-3.0-or-later
// Making holes: what it leaves of the regions around them.
#include "tests/fs/file/file_fixture.h"

namespace chainfs::fs {
namespace {

class HoleTest : public FileTest {
 protected:
  Pieces PiecesOf(uint64_t region) {
    ReadView view(*core_);
    auto item = view.Find(Key(kFile, ItemKind::kExtent, region));
    EXPECT_TRUE(item);
    auto pieces = DecodePieces(item->value);
    EXPECT_TRUE(pieces);
    return *pieces;
  }
};

TEST_F(HoleTest, ZeroingPartsOfManyBlocksOneByOneStaysReadable) {
  Open();
  MakeFile();
  Bytes model = Pattern(kRegionBytes, 1);
  Write(0, model);
  Sync();
  // Each leaves one more piece behind, unless the region is merged.
  for (size_t i = 0; i < kRegionBlocks; ++i) {
    const size_t at = i * kBlockBytes + 100;
    ASSERT_TRUE(fs::PunchHole(*core_, kFile, at, 50)) << i;
    std::fill_n(model.begin() + static_cast<ptrdiff_t>(at), 50, uint8_t{0});
    Sync();
    ASSERT_EQ(Read(0, model.size()), model) << i;
  }
}

TEST_F(HoleTest, APieceThatIsDamagedDoesNotKeepTheOthersFromBeingMerged) {
  Open();
  MakeFile();
  for (size_t i = 0; i < 8; ++i) {
    Write(i * kBlockBytes, Pattern(kBlockBytes, i));
    Sync();
  }
  const Pieces pieces = PiecesOf(0);
  ASSERT_EQ(pieces.size(), 8u);
  Damage(pieces[7].pointer.id);  // block 0
  Write(20 * kBlockBytes, Pattern(kBlockBytes, 20));
  EXPECT_EQ(PiecesOf(0).size(), 2u);
  Sync();
  for (size_t i : {1, 7, 20}) {
    EXPECT_EQ(Read(i * kBlockBytes, kBlockBytes), Pattern(kBlockBytes, i));
  }
  Bytes out(10);
  EXPECT_EQ(fs::Read(*core_, kFile, 0, out).error().code, ErrorCode::kDamaged);
}

TEST_F(HoleTest, TruncatingUpAndDownInManyBlocksStaysReadable) {
  Open();
  MakeFile();
  Bytes model = Pattern(kRegionBytes, 1);
  Write(0, model);
  Sync();
  for (size_t i = kRegionBlocks - 1; i > 0; --i) {
    // The cut block becomes a piece of its own, and the blocks after it another.
    const size_t size = i * kBlockBytes + 100;
    Truncate(size);
    Sync();
    const Bytes tail = Pattern(kBlockBytes, i);
    Write((i + 1) * kBlockBytes, tail);
    Sync();
    model.resize(size);
    model.resize((i + 1) * kBlockBytes);
    model.insert(model.end(), tail.begin(), tail.end());
    ASSERT_EQ(Read(0, 2 * kRegionBytes), model) << i;
  }
}

}  // namespace
}  // namespace chainfs::fs

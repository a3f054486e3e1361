// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tile.h"

#include <gtest/gtest.h>

#include <map>

namespace chainfs::ledger {
namespace {

// The example of C2SP's tlog-tiles: "a tree of size 70,000".
TEST(TileTest, ATreeOfSeventyThousandHasTheTilesOfTheSpecification) {
  constexpr uint64_t kSize = 70'000;
  std::map<std::pair<unsigned, size_t>, size_t> tiles;  // (level, width) -> how many
  for (unsigned level = 0; level < kTileLevels; ++level) {
    for (uint64_t index = 0; index < 1000; ++index) {
      if (size_t width = WidthOfTile({level, index}, kSize)) ++tiles[{level, width}];
    }
  }
  const decltype(tiles) expected = {
      {{0, 256}, 273}, {{0, 112}, 1}, {{1, 256}, 1}, {{1, 17}, 1}, {{2, 1}, 1}};
  EXPECT_EQ(tiles, expected);
}

TEST(TileTest, ATreeOfOneFullTileHasOneHashAbove) {
  EXPECT_EQ(WidthOfTile({0, 0}, 255), 255u);
  EXPECT_EQ(WidthOfTile({1, 0}, 255), 0u);
  EXPECT_EQ(WidthOfTile({0, 0}, 256), 256u);
  EXPECT_EQ(WidthOfTile({0, 1}, 256), 0u);
  EXPECT_EQ(WidthOfTile({1, 0}, 256), 1u);
}

TEST(TileTest, NoTileIsOutsideTheTree) {
  EXPECT_EQ(WidthOfTile({0, 0}, 0), 0u);
  EXPECT_EQ(WidthOfTile({0, ~uint64_t{0}}, ~uint64_t{0}), 0u);
  EXPECT_EQ(WidthOfTile({7, 0}, uint64_t{1} << 63), 128u);
  EXPECT_EQ(WidthOfTile({7, 1}, uint64_t{1} << 63), 0u);
  EXPECT_EQ(WidthOfTile({8, 0}, ~uint64_t{0}), 0u);
  EXPECT_EQ(WidthOfTile({4'000'000'000, 0}, ~uint64_t{0}), 0u);
}

TEST(TileTest, PathsAreThoseOfTheSpecification) {
  EXPECT_EQ(PathOfTile({0, 0}, 256), "tile/0/000");
  EXPECT_EQ(PathOfTile({0, 1'234'067}, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(PathOfTile({0, 1'234'067}, 5), "tile/0/x001/x234/067.p/5");
  EXPECT_EQ(PathOfTile({7, 999}, 255), "tile/7/999.p/255");
  EXPECT_EQ(PathOfTile({1, 1000}, 1), "tile/1/x001/000.p/1");
  EXPECT_EQ(PathOfEntries(1'000'000, 256), "tile/entries/x001/x000/000");
  EXPECT_EQ(PathOfEntries(273, 112), "tile/entries/273.p/112");
}

TEST(TileTest, KeysSortByLevelThenIndexAndComeBack) {
  EXPECT_EQ(KeyOfTile({0, 0}), 0u);
  EXPECT_EQ(KeyOfTile({1, 0x010203}), 0x0100000000010203u);
  EXPECT_EQ(KeyOfTile({7, (uint64_t{1} << 56) - 1}), 0x07ffffffffffffffu);
  for (uint64_t key : {uint64_t{0}, uint64_t{1}, uint64_t{0x00ffffffffffffff},
                       uint64_t{0x0100000000000000}, uint64_t{0x07ffffffffffffff}}) {
    std::optional<TileId> tile = TileOfKey(key);
    ASSERT_TRUE(tile);
    EXPECT_EQ(KeyOfTile(*tile), key);
  }
  EXPECT_FALSE(TileOfKey(0x0800000000000000));
  EXPECT_FALSE(TileOfKey(~uint64_t{0}));
}

}  // namespace
}  // namespace chainfs::ledger

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tree_edge.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "ledger/merkle.h"
#include "ledger/proof.h"
#include "tests/ledger/naive_tree.h"
#include "tests/ledger/tile_store.h"

namespace chainfs::ledger {
namespace {

constexpr uint64_t kSize = 70'000;

// What the header promises to store with the record that makes the tree `size` leaves large.
std::set<TileId> TilesOfTheAppendTo(uint64_t size) {
  std::set<TileId> tiles;
  uint64_t hashes = size;
  for (unsigned level = 0; level < kTileLevels && hashes > 0; ++level) {
    const uint64_t tile = (hashes - 1) / kTileWidth;
    if (level > 0 || hashes % kTileWidth == 0) tiles.insert({level, tile});
    if (hashes % kTileWidth != 0) break;
    hashes /= kTileWidth;
  }
  return tiles;
}

TEST(TreeEdgeTest, AgreesWithTheHasherThroughSeventyThousandAppendsAndReloads) {
  std::mt19937_64 random(1);
  TreeEdge edge;
  TileStore store;
  MerkleHasher hasher;
  EXPECT_EQ(edge.Root(), hasher.Root());
  while (edge.size() < kSize) {
    const Digest leaf = NaiveTree::Leaf(random());
    store.Append(edge, leaf);
    hasher.Append(leaf);
    ASSERT_EQ(edge.Root(), hasher.Root()) << edge.size();
    std::set<TileId> stored;
    for (const auto& [id, hashes] : edge.TilesToStore()) {
      EXPECT_EQ(hashes.size(), WidthOfTile(id, edge.size()) * 32);
      EXPECT_TRUE(stored.insert(id).second) << "stored twice in one append";
    }
    ASSERT_EQ(stored, TilesOfTheAppendTo(edge.size())) << edge.size();
    const bool boundary = (edge.size() + 1) % kTileWidth < 3;
    if (boundary || random() % 300 == 0) {
      std::optional<TreeEdge> loaded = TreeEdge::Load(edge.size(), store.Fetcher());
      ASSERT_TRUE(loaded) << edge.size();
      ASSERT_EQ(loaded->Root(), hasher.Root()) << edge.size();
      EXPECT_TRUE(loaded->TilesToStore().empty());
      edge = std::move(*loaded);
    }
  }
  EXPECT_EQ(store.tiles.size(), 273u + 2 + 1) << "all but the partial tile of level 0";
}

TEST(TreeEdgeTest, StoresTheTreeHashesOfTheSpecification) {
  TreeEdge edge;
  TileStore store;
  while (edge.size() < kSize) store.Append(edge, NaiveTree::Leaf(edge.size()));
  NaiveTree tree = NaiveTree::OfSize(kSize);
  const SubtreeReader subtree = tree.Reader();
  for (const auto& [id, hashes] : store.tiles) {
    ASSERT_EQ(hashes.size(), WidthOfTile(id, kSize) * 32);
    for (size_t i = 0; i < hashes.size() / 32; ++i) {
      const Digest expected = *subtree(kTileHeight * id.level, id.index * kTileWidth + i);
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), hashes.begin() + 32 * i))
          << "level " << id.level << " tile " << id.index << " hash " << i;
    }
  }
}

TEST(TreeEdgeTest, ACopyGoesItsOwnWay) {
  TreeEdge edge;
  for (uint64_t i = 0; i < 255; ++i) edge.Append(NaiveTree::Leaf(i));
  const Digest before = edge.Root();
  TreeEdge copy = edge;
  copy.Append(NaiveTree::Leaf(255));
  EXPECT_EQ(copy.TilesToStore().size(), 2u);
  EXPECT_EQ(edge.size(), 255u);
  EXPECT_EQ(edge.Root(), before);
  EXPECT_TRUE(edge.TilesToStore().empty());
  edge.Append(NaiveTree::Leaf(255));
  EXPECT_EQ(edge.Root(), copy.Root());
  EXPECT_EQ(edge.TilesToStore(), copy.TilesToStore());
}

TEST(TreeEdgeTest, LoadsNothingForTheEmptyTree) {
  std::optional<TreeEdge> edge =
      TreeEdge::Load(0, [](TileId, size_t) -> std::optional<Bytes> { return std::nullopt; });
  ASSERT_TRUE(edge);
  EXPECT_EQ(edge->Root(), MerkleHasher().Root());
}

TEST(TreeEdgeTest, DoesNotLoadWhatIsMissingOrTooShort) {
  TreeEdge edge;
  TileStore store;
  while (edge.size() < kSize) store.Append(edge, NaiveTree::Leaf(edge.size()));
  ASSERT_TRUE(TreeEdge::Load(kSize, store.Fetcher()));
  for (TileId id : {TileId{1, 1}, TileId{2, 0}}) {
    TileStore damaged = store;
    damaged.tiles[id].pop_back();
    EXPECT_FALSE(TreeEdge::Load(kSize, damaged.Fetcher()));
    damaged.tiles.erase(id);
    EXPECT_FALSE(TreeEdge::Load(kSize, damaged.Fetcher()));
  }
  store.leaves.pop_back();
  EXPECT_FALSE(TreeEdge::Load(kSize, store.Fetcher()));
  EXPECT_FALSE(TreeEdge::Load(kMaxTreeSize + 1, store.Fetcher()));
}

// Wrong hashes load, and show in the root: which is why the caller compares it.
TEST(TreeEdgeTest, AChangedTileChangesTheRoot) {
  TreeEdge edge;
  TileStore store;
  while (edge.size() < kSize) store.Append(edge, NaiveTree::Leaf(edge.size()));
  for (TileId id : {TileId{1, 1}, TileId{2, 0}}) {
    TileStore damaged = store;
    damaged.tiles[id][5] ^= 1;
    std::optional<TreeEdge> loaded = TreeEdge::Load(kSize, damaged.Fetcher());
    ASSERT_TRUE(loaded);
    EXPECT_NE(loaded->Root(), edge.Root());
  }
}

TEST(TreeEdgeTest, GrowsToTheLargestTreeAndLoadsIt) {
  const TileFetcher all_alike = [](TileId, size_t width) -> std::optional<Bytes> {
    return Bytes(width * 32, 0x11);
  };
  std::optional<TreeEdge> edge = TreeEdge::Load(kMaxTreeSize - 1, all_alike);
  ASSERT_TRUE(edge);
  edge->Append(NaiveTree::Leaf(0));
  EXPECT_EQ(edge->size(), kMaxTreeSize);
  ASSERT_EQ(edge->TilesToStore().size(), 8u);
  EXPECT_EQ(edge->TilesToStore().back().first, (TileId{7, 0}));
  EXPECT_EQ(edge->TilesToStore().back().second.size(), 128u * 32);
  EXPECT_TRUE(TreeEdge::Load(kMaxTreeSize, all_alike));
}

}  // namespace
}  // namespace chainfs::ledger

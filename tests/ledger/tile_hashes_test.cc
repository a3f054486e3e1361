// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tile_hashes.h"

#include <gtest/gtest.h>

#include <functional>

#include "ledger/proof.h"
#include "tests/ledger/naive_tree.h"
#include "tests/ledger/tile_store.h"

namespace chainfs::ledger {
namespace {

class TileHashesTest : public testing::Test {
 protected:
  void Grow(uint64_t size) {
    while (edge.size() < size) store.Append(edge, NaiveTree::Leaf(edge.size()));
  }
  TreeEdge edge;
  TileStore store;
};

// Every size at which a tile begins, is nearly full, is full, or a level begins.
TEST_F(TileHashesTest, ProofsFromTilesAgreeWithTheModelAtEveryBoundary) {
  NaiveTree tree = NaiveTree::OfSize(65'537);
  for (uint64_t size : {1u, 2u, 255u, 256u, 257u, 511u, 512u, 513u, 65'535u, 65'536u, 65'537u}) {
    Grow(size);
    TileHashes hashes(store.Fetcher());
    const Digest root = tree.Root(size);
    EXPECT_EQ(edge.Root(), root) << size;
    EXPECT_EQ(RootAt(size, std::ref(hashes)), root) << size;
    for (uint64_t index : {uint64_t{0}, uint64_t{1}, uint64_t{254}, uint64_t{255}, uint64_t{256},
                           size / 2, size - 2, size - 1}) {
      if (index >= size) continue;
      std::optional<std::vector<Digest>> proof = ProveInclusion(index, size, std::ref(hashes));
      ASSERT_TRUE(proof) << index << " of " << size;
      EXPECT_EQ(*proof, tree.Path(index, 0, size)) << index << " of " << size;
      EXPECT_TRUE(VerifyInclusion(NaiveTree::Leaf(index), index, size, *proof, root));
      proof = ProveConsistency(index + 1, size, std::ref(hashes));
      ASSERT_TRUE(proof) << index + 1 << " of " << size;
      EXPECT_TRUE(VerifyConsistency(index + 1, tree.Root(index + 1), size, root, *proof));
    }
  }
}

TEST_F(TileHashesTest, AProofReadsTwoTilesOfALevelAndItsNeighbourNone) {
  Grow(70'000);
  TileHashes hashes(store.Fetcher());
  store.fetches = 0;
  ASSERT_TRUE(ProveInclusion(1000, 70'000, std::ref(hashes)));
  EXPECT_LE(store.fetches, 5u) << "three levels, the last of which has one tile";
  store.fetches = 0;
  for (uint64_t index = 768; index < 1024; ++index) {
    ASSERT_TRUE(ProveInclusion(index, 70'000, std::ref(hashes)));
  }
  EXPECT_EQ(store.fetches, 0u);
}

TEST_F(TileHashesTest, ATileThatHasGrownIsReadAgain) {
  Grow(10);
  TileHashes hashes(store.Fetcher());
  NaiveTree tree = NaiveTree::OfSize(300);
  for (uint64_t size : {10u, 100u, 256u, 300u}) {
    Grow(size);
    EXPECT_EQ(RootAt(size, std::ref(hashes)), tree.Root(size));
  }
}

// More tiles than are cached, round after round, in an order that evicts each before its turn.
TEST_F(TileHashesTest, ForgetsTilesAndReadsThemAgain) {
  Grow(256 * 40);
  TileHashes hashes(store.Fetcher());
  store.fetches = 0;
  for (int round = 0; round < 3; ++round) {
    for (uint64_t tile = 0; tile < 40; ++tile) {
      EXPECT_EQ(hashes(0, tile * 256 + 17), NaiveTree::Leaf(tile * 256 + 17));
    }
  }
  EXPECT_EQ(store.fetches, 120u);
}

TEST_F(TileHashesTest, WhatTheFetcherLacksOrCutsShortIsNoHash) {
  std::optional<Bytes> answer;
  size_t asked = 0;
  TileHashes hashes([&](TileId, size_t width) {
    asked = width;
    return answer;
  });
  EXPECT_FALSE(hashes(0, 4));
  EXPECT_EQ(asked, 5u);
  for (size_t bytes : {0u, 32u, 5u * 32 - 1, 5u * 32 + 1, 4u * 32, 257u * 32}) {
    answer = Bytes(bytes);
    EXPECT_FALSE(hashes(0, 4)) << bytes;
  }
  answer = Bytes(5 * 32, 0x11);
  EXPECT_TRUE(hashes(0, 4));
  EXPECT_FALSE(hashes(0, 5)) << "the cached tile has five hashes, and so has the fetcher's";
  EXPECT_FALSE(hashes(64, 0));
  EXPECT_FALSE(hashes(4'000'000'000, 0));
}

}  // namespace
}  // namespace chainfs::ledger

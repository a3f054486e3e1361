// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/merkle.h"

#include <gtest/gtest.h>

#include "crypto/sha256.h"
#include "tests/ledger/hex.h"

namespace chainfs::ledger {
namespace {

// The eight leaves and the roots of their first n, from the reference tests of Certificate
// Transparency (MerkleTreeTest, "kSHA256Roots").
const char* const kLeaves[] = {"",
                               "00",
                               "10",
                               "2021",
                               "3031",
                               "40414243",
                               "5051525354555657",
                               "606162636465666768696a6b6c6d6e6f"};
const char* const kRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

// RFC 6962 section 2.1, word for word.
Digest NaiveRoot(std::span<const Bytes> leaves) {
  if (leaves.empty()) return crypto::Sha256(ByteView());
  if (leaves.size() == 1) return LeafHash(leaves[0]);
  size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return NodeHash(NaiveRoot(leaves.first(k)), NaiveRoot(leaves.subspan(k)));
}

TEST(MerkleTest, EmptyListHashesToSha256OfNothing) {
  EXPECT_EQ(ToHex(MerkleHasher().Root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(MerkleTest, MatchesTheReferenceRootsOfEveryPrefix) {
  MerkleHasher hasher;
  for (size_t i = 0; i < std::size(kLeaves); ++i) {
    hasher.AppendData(FromHex(kLeaves[i]));
    EXPECT_EQ(ToHex(hasher.Root()), kRoots[i]) << i + 1 << " leaves";
    EXPECT_EQ(hasher.count(), i + 1);
  }
}

TEST(MerkleTest, NodeHashMatchesTheReferenceVector) {
  Digest left{}, right{};
  std::copy_n(FromHex(kRoots[0]).begin(), 32, left.begin());
  const Digest leaf = LeafHash(FromHex("00"));
  EXPECT_EQ(ToHex(leaf), "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
  right = leaf;
  EXPECT_EQ(ToHex(NodeHash(left, right)), kRoots[1]);
}

TEST(MerkleTest, AgreesWithTheDefinitionForEveryCountToThreeHundred) {
  std::vector<Bytes> leaves;
  MerkleHasher hasher;
  for (size_t n = 0; n < 300; ++n) {
    ASSERT_EQ(hasher.Root(), NaiveRoot(leaves)) << n;
    leaves.push_back(Bytes(n % 7, static_cast<uint8_t>(n)));
    hasher.AppendData(leaves.back());
  }
}

TEST(MerkleTest, ALeafNeverPassesForANode) {
  Digest left = LeafHash({}), right = LeafHash(FromHex("00"));
  Bytes joined(left.begin(), left.end());
  joined.insert(joined.end(), right.begin(), right.end());
  EXPECT_NE(LeafHash(joined), NodeHash(left, right));
}

}  // namespace
}  // namespace chainfs::ledger

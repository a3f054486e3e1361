// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/proof.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ledger/hex.h"
#include "tests/ledger/naive_tree.h"

namespace chainfs::ledger {
namespace {

using Proof = std::vector<Digest>;

// The eight leaves of the reference tests of Certificate Transparency (MerkleTreeTest).
NaiveTree ClassicTree() {
  std::vector<Digest> leaves;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(LeafHash(FromHex(hex)));
  }
  return NaiveTree(std::move(leaves));
}

std::vector<std::string> Hex(const Proof& proof) {
  std::vector<std::string> out;
  for (const Digest& hash : proof) out.push_back(ToHex(hash));
  return out;
}

constexpr char kFirstLeaf[] = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
constexpr char kSecondLeaf[] = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
constexpr char kFifthLeaf[] = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
constexpr char kFirstTwo[] = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
constexpr char kSecondTwo[] = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
constexpr char kThirdTwo[] = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
constexpr char kFourthTwo[] = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
constexpr char kFirstFour[] = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
constexpr char kSecondFour[] = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

TEST(ProofTest, InclusionAgreesWithCertificateTransparency) {
  struct Vector {
    uint64_t index, size;
    std::vector<std::string> proof;
  };
  const Vector published[] = {
      {0, 1, {}},
      {0, 8, {kSecondLeaf, kSecondTwo, kSecondFour}},
      {5, 8, {kFifthLeaf, kFourthTwo, kFirstFour}},
      {2, 3, {kFirstTwo}},
      {1, 5, {kFirstLeaf, kSecondTwo, kFifthLeaf}},
  };
  NaiveTree tree = ClassicTree();
  for (const Vector& vector : published) {
    std::optional<Proof> proof = ProveInclusion(vector.index, vector.size, tree.Reader());
    ASSERT_TRUE(proof);
    EXPECT_EQ(Hex(*proof), vector.proof);
  }
}

TEST(ProofTest, ConsistencyAgreesWithCertificateTransparency) {
  struct Vector {
    uint64_t old_size, size;
    std::vector<std::string> proof;
  };
  const Vector published[] = {
      {1, 1, {}},
      {1, 8, {kSecondLeaf, kSecondTwo, kSecondFour}},
      {6, 8, {kThirdTwo, kFourthTwo, kFirstFour}},
      {2, 5, {kSecondTwo, kFifthLeaf}},
  };
  NaiveTree tree = ClassicTree();
  for (const Vector& vector : published) {
    std::optional<Proof> proof = ProveConsistency(vector.old_size, vector.size, tree.Reader());
    ASSERT_TRUE(proof);
    EXPECT_EQ(Hex(*proof), vector.proof);
  }
}

constexpr uint64_t kExhaustive = 300;

TEST(ProofTest, RootsAgreeWithTheModelForEverySizeToThreeHundred) {
  NaiveTree tree = NaiveTree::OfSize(kExhaustive);
  for (uint64_t size = 0; size <= kExhaustive; ++size) {
    EXPECT_EQ(RootAt(size, tree.Reader()), tree.Root(size)) << size;
  }
}

TEST(ProofTest, InclusionAgreesWithTheModelForEverySizeToThreeHundred) {
  NaiveTree tree = NaiveTree::OfSize(kExhaustive);
  for (uint64_t size = 1; size <= kExhaustive; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      std::optional<Proof> proof = ProveInclusion(index, size, tree.Reader());
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, tree.Path(index, 0, size)) << index << " of " << size;
      ASSERT_TRUE(VerifyInclusion(tree.leaves()[index], index, size, *proof, tree.Root(size)))
          << index << " of " << size;
    }
  }
}

TEST(ProofTest, ConsistencyAgreesWithTheModelForEverySizeToThreeHundred) {
  NaiveTree tree = NaiveTree::OfSize(kExhaustive);
  for (uint64_t size = 0; size <= kExhaustive; ++size) {
    for (uint64_t old_size = 0; old_size <= size; ++old_size) {
      std::optional<Proof> proof = ProveConsistency(old_size, size, tree.Reader());
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, old_size > 0 ? tree.Subproof(old_size, 0, size, true) : Proof());
      ASSERT_TRUE(VerifyConsistency(old_size, tree.Root(old_size), size, tree.Root(size), *proof))
          << old_size << " of " << size;
    }
  }
}

TEST(ProofTest, WhatTheReaderCannotGiveCannotBeProved) {
  NaiveTree tree = NaiveTree::OfSize(100);
  const SubtreeReader without_seven = [&](unsigned level, uint64_t index) -> std::optional<Digest> {
    if (level == 0 && index == 7) return std::nullopt;
    return tree.Reader()(level, index);
  };
  EXPECT_TRUE(ProveInclusion(7, 100, without_seven));
  EXPECT_FALSE(ProveInclusion(6, 100, without_seven)) << "7 is its sibling";
  EXPECT_TRUE(ProveConsistency(8, 100, without_seven));
  EXPECT_FALSE(ProveConsistency(7, 100, without_seven));
  EXPECT_TRUE(RootAt(100, without_seven));
  EXPECT_FALSE(RootAt(101, without_seven)) << "there are 100 leaves";
}

TEST(ProofTest, NoProofOfWhatIsNotThere) {
  NaiveTree tree = NaiveTree::OfSize(10);
  EXPECT_FALSE(ProveInclusion(0, 0, tree.Reader()));
  EXPECT_FALSE(ProveInclusion(10, 10, tree.Reader()));
  EXPECT_FALSE(ProveInclusion(~uint64_t{0}, 10, tree.Reader()));
  EXPECT_FALSE(ProveConsistency(11, 10, tree.Reader()));
  EXPECT_FALSE(RootAt(kMaxTreeSize + 1, tree.Reader()));
  EXPECT_FALSE(ProveInclusion(0, kMaxTreeSize + 1, tree.Reader()));
  EXPECT_FALSE(ProveConsistency(1, ~uint64_t{0}, tree.Reader()));
}

// A tree too large to exist, all of whose subtrees of one height are equal.
class HugeTree {
 public:
  explicit HugeTree(const Digest& leaf) : subtrees_{leaf} {
    for (int i = 0; i < 63; ++i) {
      subtrees_.push_back(NodeHash(subtrees_.back(), subtrees_.back()));
    }
  }
  SubtreeReader Reader() {
    return [this](unsigned level, uint64_t) -> std::optional<Digest> {
      ++reads;
      return subtrees_.at(level);
    };
  }
  size_t reads = 0;

 private:
  std::vector<Digest> subtrees_;
};

TEST(ProofTest, TheLargestTreesCostAHundredReads) {
  const Digest leaf = NaiveTree::Leaf(0);
  HugeTree tree(leaf);
  for (uint64_t size :
       {kMaxTreeSize, kMaxTreeSize - 1, (kMaxTreeSize >> 1) + 1, uint64_t{0x5555555555555555}}) {
    const Digest root = *RootAt(size, tree.Reader());
    for (uint64_t index : {uint64_t{0}, size / 3, size - 2, size - 1}) {
      tree.reads = 0;
      std::optional<Proof> proof = ProveInclusion(index, size, tree.Reader());
      EXPECT_LE(tree.reads, 126u);
      EXPECT_LE(proof->size(), 63u);
      EXPECT_TRUE(VerifyInclusion(leaf, index, size, *proof, root)) << index << " of " << size;

      tree.reads = 0;
      const Digest old_root = *RootAt(index + 1, tree.Reader());
      proof = ProveConsistency(index + 1, size, tree.Reader());
      EXPECT_LE(tree.reads, 63u + 127u);
      EXPECT_LE(proof->size(), 64u);
      EXPECT_TRUE(VerifyConsistency(index + 1, old_root, size, root, *proof));
    }
  }
}

}  // namespace
}  // namespace chainfs::ledger

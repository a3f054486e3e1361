// SPDX-License-Identifier: GPL-3.0-or-later
// Proofs that were tampered with, and proofs shown for something else.
#include <gtest/gtest.h>

#include <functional>

#include "tests/ledger/naive_tree.h"

namespace chainfs::ledger {
namespace {

using Proof = std::vector<Digest>;

// Calls `check` with every proof that one change makes of `proof`; none of them may verify.
void ForEachDamage(const Proof& proof, const std::function<void(const Proof&)>& check) {
  for (size_t i = 0; i < proof.size(); ++i) {
    Proof bad = proof;
    for (size_t bit = 0; bit < 256; ++bit) {
      bad[i][bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      check(bad);
      bad[i][bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
    bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
    check(bad);
    if (i > 0) {
      bad = proof;
      std::swap(bad[i - 1], bad[i]);
      check(bad);
    }
  }
  for (size_t i = 0; i <= proof.size(); ++i) {
    Proof longer = proof;
    const Digest extra = i < proof.size() ? proof[i] : Digest{};
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), extra);
    check(longer);
  }
  for (size_t count = 0; count < proof.size(); ++count) {
    check(Proof(proof.begin(), proof.begin() + static_cast<std::ptrdiff_t>(count)));
  }
}

constexpr uint64_t kSizes[] = {1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 33};

TEST(ProofDamageTest, NoChangedInclusionProofVerifies) {
  NaiveTree tree = NaiveTree::OfSize(33);
  for (uint64_t size : kSizes) {
    const Digest root = tree.Root(size);
    for (uint64_t index = 0; index < size; ++index) {
      ForEachDamage(tree.Path(index, 0, size), [&](const Proof& bad) {
        EXPECT_FALSE(VerifyInclusion(tree.leaves()[index], index, size, bad, root))
            << index << " of " << size;
      });
    }
  }
}

TEST(ProofDamageTest, NoChangedConsistencyProofVerifies) {
  NaiveTree tree = NaiveTree::OfSize(33);
  for (uint64_t size : kSizes) {
    const Digest root = tree.Root(size);
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Digest old_root = tree.Root(old_size);
      ForEachDamage(tree.Subproof(old_size, 0, size, true), [&](const Proof& bad) {
        EXPECT_FALSE(VerifyConsistency(old_size, old_root, size, root, bad))
            << old_size << " of " << size;
      });
    }
  }
}

TEST(ProofDamageTest, AnInclusionProofIsOfOneLeafIndexAndRoot) {
  NaiveTree tree = NaiveTree::OfSize(40);
  for (uint64_t size = 1; size <= 40; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const Proof proof = tree.Path(index, 0, size);
      const Digest& leaf = tree.leaves()[index];
      for (uint64_t other = 0; other < 45; ++other) {
        if (other == index) continue;
        EXPECT_FALSE(VerifyInclusion(leaf, other, size, proof, tree.Root(size)));
        EXPECT_FALSE(VerifyInclusion(NaiveTree::Leaf(other), index, size, proof, tree.Root(size)));
      }
      EXPECT_FALSE(VerifyInclusion(leaf, index, size, proof, tree.Root(size - 1)));
      EXPECT_FALSE(
          VerifyInclusion(leaf, index + (uint64_t{1} << 63), size, proof, tree.Root(size)));
    }
  }
}

// A size may be taken for another one that has the same way from the leaf to the root: root and
// size belong together, and the checkpoint is what binds them. Where the way is longer or shorter
// the proof must fail.
TEST(ProofDamageTest, AnInclusionProofFitsOnlySizesWithItsNumberOfHashes) {
  NaiveTree tree = NaiveTree::OfSize(40);
  for (uint64_t size = 1; size <= 40; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const Proof proof = tree.Path(index, 0, size);
      for (uint64_t other = 0; other <= 40; ++other) {
        if (other > index && tree.Path(index, 0, other).size() == proof.size()) continue;
        EXPECT_FALSE(VerifyInclusion(tree.leaves()[index], index, other, proof, tree.Root(size)));
      }
    }
  }
}

TEST(ProofDamageTest, AConsistencyProofIsOfTwoRoots) {
  NaiveTree tree = NaiveTree::OfSize(40);
  for (uint64_t size = 1; size <= 40; ++size) {
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      const Proof proof = tree.Subproof(old_size, 0, size, true);
      const Digest root = tree.Root(size), old_root = tree.Root(old_size);
      for (uint64_t other = 0; other <= 40; ++other) {
        const Digest wrong = tree.Root(other);
        EXPECT_TRUE(other == old_size || !VerifyConsistency(old_size, wrong, size, root, proof));
        EXPECT_TRUE(other == size || !VerifyConsistency(old_size, old_root, size, wrong, proof));
        if (other < size && other != old_size) {
          EXPECT_FALSE(VerifyConsistency(other, old_root, size, root, proof));
        }
      }
    }
  }
}

// The attack that anchors are for: a log with one leaf of its history exchanged.
TEST(ProofDamageTest, NoForkIsConsistentWithWhatItForkedFrom) {
  NaiveTree tree = NaiveTree::OfSize(24);
  for (uint64_t changed = 0; changed < 17; ++changed) {
    std::vector<Digest> leaves = tree.leaves();
    leaves[changed] = NaiveTree::Leaf(1000);
    NaiveTree fork(leaves);
    for (const Proof& proof : {fork.Subproof(17, 0, 24, true), tree.Subproof(17, 0, 24, true)}) {
      EXPECT_FALSE(VerifyConsistency(17, tree.Root(17), 24, fork.Root(24), proof)) << changed;
    }
  }
}

TEST(ProofDamageTest, OnlyTheEmptyTreeIsConsistentFromSizeZero) {
  NaiveTree tree = NaiveTree::OfSize(4);
  const Digest nothing = tree.Root(0);
  EXPECT_TRUE(VerifyConsistency(0, nothing, 4, tree.Root(4), {}));
  EXPECT_TRUE(VerifyConsistency(0, nothing, 0, nothing, {}));
  EXPECT_FALSE(VerifyConsistency(0, tree.Root(1), 4, tree.Root(4), {}));
  EXPECT_FALSE(VerifyConsistency(0, nothing, 4, tree.Root(4), Proof{nothing}));
  EXPECT_FALSE(VerifyConsistency(0, nothing, 0, tree.Root(1), {}));
}

TEST(ProofDamageTest, SizesOutOfRangeAreRefusedAtOnce) {
  const Digest leaf = NaiveTree::Leaf(0);
  const Proof proof(70, leaf);
  for (uint64_t size : {uint64_t{0}, kMaxTreeSize + 1, ~uint64_t{0}}) {
    EXPECT_FALSE(VerifyInclusion(leaf, 0, size, {}, leaf)) << size;
    EXPECT_FALSE(VerifyInclusion(leaf, 0, size, proof, leaf)) << size;
    EXPECT_FALSE(VerifyConsistency(1, leaf, size, leaf, proof)) << size;
    EXPECT_FALSE(VerifyConsistency(~uint64_t{0}, leaf, size, leaf, {})) << size;
  }
  EXPECT_FALSE(VerifyInclusion(leaf, kMaxTreeSize - 1, kMaxTreeSize, proof, leaf));
}

}  // namespace
}  // namespace chainfs::ledger

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/proof.h"

#include <algorithm>
#include <bit>

#include "crypto/sha256.h"
#include "ledger/merkle.h"

namespace chainfs::ledger {
namespace {

// The tree hash of leaves [begin, end). REQUIRES: begin < end, and begin is a multiple of a power
// of two that is not smaller than end - begin, as it is for every node of a tree.
std::optional<Digest> RootOfRange(uint64_t begin, uint64_t end, const SubtreeReader& reader) {
  std::optional<Digest> root;
  // From the smallest complete subtree, which is the rightmost one, to the largest.
  for (uint64_t left = end - begin; left > 0; left &= left - 1) {
    const unsigned level = static_cast<unsigned>(std::countr_zero(left));
    end -= uint64_t{1} << level;
    std::optional<Digest> subtree = reader(level, end >> level);
    if (!subtree) return std::nullopt;
    root = root ? NodeHash(*subtree, *root) : *subtree;
  }
  return root;
}

// Where the node over [begin, end) is divided: after the largest power of two smaller than it.
// REQUIRES: end - begin >= 2.
uint64_t Middle(uint64_t begin, uint64_t end) { return begin + std::bit_floor(end - begin - 1); }

// A proof, put together from the root down.
class ProofBuilder {
 public:
  explicit ProofBuilder(const SubtreeReader& reader) : reader_(reader) {}
  void Add(uint64_t begin, uint64_t end) {
    if (!complete_) return;
    std::optional<Digest> hash = RootOfRange(begin, end, reader_);
    complete_ = hash.has_value();
    if (hash) hashes_.push_back(*hash);
  }
  std::optional<std::vector<Digest>> Take() && {
    if (!complete_) return std::nullopt;
    std::ranges::reverse(hashes_);
    return std::move(hashes_);
  }

 private:
  const SubtreeReader& reader_;
  std::vector<Digest> hashes_;
  bool complete_ = true;
};

// The way from a leaf to the root: whether the node is a right child, or the last of its level
// (which has no sibling there, and moves up until it is a right child).
class Climber {
 public:
  Climber(uint64_t index, uint64_t last) : node_(index), last_(last) {}
  bool AtRoot() const { return last_ == 0; }
  bool AtLeftChild() const { return (node_ & 1) == 0; }
  void GoUp() {
    node_ >>= 1;
    last_ >>= 1;
  }
  // Goes up to the parent under which there are two; true if the sibling is the left one.
  // REQUIRES: !AtRoot().
  bool TakeSibling() {
    const bool left = !AtLeftChild() || node_ == last_;
    if (left) {
      while (AtLeftChild()) GoUp();
    }
    GoUp();
    return left;
  }

 private:
  uint64_t node_;
  uint64_t last_;
};

}  // namespace

std::optional<Digest> RootAt(uint64_t size, const SubtreeReader& reader) {
  if (size > kMaxTreeSize) return std::nullopt;
  return size == 0 ? crypto::Sha256(ByteView()) : RootOfRange(0, size, reader);
}

std::optional<std::vector<Digest>> ProveInclusion(uint64_t index, uint64_t size,
                                                  const SubtreeReader& reader) {
  if (size > kMaxTreeSize || index >= size) return std::nullopt;
  ProofBuilder proof(reader);
  uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const uint64_t middle = Middle(begin, end);
    if (index < middle) {
      proof.Add(middle, end);
      end = middle;
    } else {
      proof.Add(begin, middle);
      begin = middle;
    }
  }
  return std::move(proof).Take();
}

std::optional<std::vector<Digest>> ProveConsistency(uint64_t old_size, uint64_t size,
                                                    const SubtreeReader& reader) {
  if (size > kMaxTreeSize || old_size > size) return std::nullopt;
  if (old_size == 0) return std::vector<Digest>();
  ProofBuilder proof(reader);
  uint64_t begin = 0, end = size;
  while (end != old_size) {
    const uint64_t middle = Middle(begin, end);
    if (old_size <= middle) {
      proof.Add(middle, end);
      end = middle;
    } else {
      proof.Add(begin, middle);
      begin = middle;
    }
  }
  // Where the node is the whole old tree, the verifier has its root.
  if (begin > 0) proof.Add(begin, end);
  return std::move(proof).Take();
}

bool VerifyInclusion(const Digest& leaf, uint64_t index, uint64_t size,
                     std::span<const Digest> proof, const Digest& root) {
  if (size > kMaxTreeSize || index >= size) return false;
  Climber way(index, size - 1);
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (way.AtRoot()) return false;
    hash = way.TakeSibling() ? NodeHash(sibling, hash) : NodeHash(hash, sibling);
  }
  return way.AtRoot() && hash == root;
}

bool VerifyConsistency(uint64_t old_size, const Digest& old_root, uint64_t size, const Digest& root,
                       std::span<const Digest> proof) {
  if (size > kMaxTreeSize || old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty() && old_root == crypto::Sha256(ByteView());
  // From the largest complete subtree at the end of the old tree upwards: both roots must come out.
  Climber way(old_size - 1, size - 1);
  while (!way.AtLeftChild()) way.GoUp();
  Digest hash = old_root;
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) return false;
    hash = proof.front();
    proof = proof.subspan(1);
  }
  Digest old_hash = hash;
  for (const Digest& sibling : proof) {
    if (way.AtRoot()) return false;
    if (way.TakeSibling()) {
      old_hash = NodeHash(sibling, old_hash);
      hash = NodeHash(sibling, hash);
    } else {
      hash = NodeHash(hash, sibling);
    }
  }
  return way.AtRoot() && old_hash == old_root && hash == root;
}

}  // namespace chainfs::ledger

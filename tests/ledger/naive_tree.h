// SPDX-License-Identifier: GPL-3.0-or-later
// The model that trees and proofs are compared with: RFC 6962, section 2.1, word for word.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/base/byte_order.h"
#include "crypto/sha256.h"
#include "ledger/merkle.h"
#include "ledger/proof.h"

namespace chainfs::ledger {

class NaiveTree {
 public:
  explicit NaiveTree(std::vector<Digest> leaf_hashes) : leaves_(std::move(leaf_hashes)) {}
  // Leaves that all differ.
  static NaiveTree OfSize(uint64_t size) {
    std::vector<Digest> leaves;
    for (uint64_t i = 0; i < size; ++i) leaves.push_back(Leaf(i));
    return NaiveTree(std::move(leaves));
  }
  static Digest Leaf(uint64_t i) {
    uint8_t data[8];
    PutBE(data, i);
    return LeafHash(data);
  }

  const std::vector<Digest>& leaves() const { return leaves_; }
  Digest Root(uint64_t size) { return Mth(0, size); }

  // PATH(m, D[begin:end])
  std::vector<Digest> Path(uint64_t m, uint64_t begin, uint64_t end) {
    if (end - begin == 1) return {};
    const uint64_t k = LargestPowerBelow(end - begin);
    std::vector<Digest> path;
    if (m < k) {
      path = Path(m, begin, begin + k);
      path.push_back(Mth(begin + k, end));
    } else {
      path = Path(m - k, begin + k, end);
      path.push_back(Mth(begin, begin + k));
    }
    return path;
  }

  // SUBPROOF(m, D[begin:end], whole)
  std::vector<Digest> Subproof(uint64_t m, uint64_t begin, uint64_t end, bool whole) {
    if (m == end - begin) {
      return whole ? std::vector<Digest>() : std::vector<Digest>{Mth(begin, end)};
    }
    const uint64_t k = LargestPowerBelow(end - begin);
    std::vector<Digest> proof;
    if (m <= k) {
      proof = Subproof(m, begin, begin + k, whole);
      proof.push_back(Mth(begin + k, end));
    } else {
      proof = Subproof(m - k, begin + k, end, false);
      proof.push_back(Mth(begin, begin + k));
    }
    return proof;
  }

  // Counts what it is asked, and whether that is complete and in the tree.
  SubtreeReader Reader() {
    return [this](unsigned level, uint64_t index) -> std::optional<Digest> {
      ++reads;
      const uint64_t end = (index + 1) << level;
      if (end > leaves_.size()) return std::nullopt;
      return Mth(index << level, end);
    };
  }
  size_t reads = 0;

 private:
  static uint64_t LargestPowerBelow(uint64_t n) {
    uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }
  Digest Mth(uint64_t begin, uint64_t end) {
    if (begin == end) return crypto::Sha256(ByteView());
    if (end - begin == 1) return leaves_[begin];
    const auto known = memory_.find({begin, end});
    if (known != memory_.end()) return known->second;
    const uint64_t k = LargestPowerBelow(end - begin);
    const Digest root = NodeHash(Mth(begin, begin + k), Mth(begin + k, end));
    memory_[{begin, end}] = root;
    return root;
  }

  std::vector<Digest> leaves_;
  std::map<std::pair<uint64_t, uint64_t>, Digest> memory_;
};

}  // namespace chainfs::ledger

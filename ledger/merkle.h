// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6962's Merkle tree hash: leaf and node hashing, and the root of a list that arrives one
// leaf at a time. Section 2.1 of the RFC:
//
//   MTH({})   = SHA-256()
//   MTH({d})  = SHA-256(0x00 || d)                                   LeafHash
//   MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))          NodeHash
//               k: the largest power of two smaller than n
//
// The prefixes keep a leaf from ever passing for a node. Pure; a MerkleHasher is for one thread.
#pragma once

#include <vector>

#include "crypto/base/types.h"

namespace chainfs::ledger {

Digest LeafHash(ByteView data);
Digest NodeHash(const Digest& left, const Digest& right);

// Keeps one digest for each bit set in the leaf count: the roots of the complete subtrees, largest
// first, that the leaves so far fall into.
//
//     x                 7 leaves = 4 + 2 + 1: peaks_ = {x, y, g}
//     +---+   y
//     +-+ +-+ +-+
//     a b c d e f g
class MerkleHasher {
 public:
  void Append(const Digest& leaf_hash);
  void AppendData(ByteView leaf) { Append(LeafHash(leaf)); }
  uint64_t count() const { return count_; }
  // Of the leaves so far; more may follow.
  Digest Root() const;

 private:
  std::vector<Digest> peaks_;
  uint64_t count_ = 0;
};

}  // namespace chainfs::ledger

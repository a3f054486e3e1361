// SPDX-License-Identifier: GPL-3.0-or-later
// Proofs about an RFC 6962 Merkle tree (section 2.1), made and verified. An inclusion proof shows
// that a leaf stands at an index of a tree; a consistency proof, that a tree begins with another.
// A proof is the list of hashes that the verifier cannot compute, in the order of the RFC:
//
//              root          inclusion of c in a tree of 7: d, x, z
//             /    \         consistency of 3 with 7: c, d, x, z
//           y        z       (c: of the old tree, which is x and c, the rest the verifier needs)
//         /   \     / \      root of 3: NodeHash(x, c)
//        x     w   v   |
//       / \   / \ / \  |
//       a b   c d e f  g
//
// Everything is O(log size) in hashes and in reads. Pure; as thread-safe as the reader is.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "crypto/base/types.h"

namespace chainfs::ledger {

// No tree is larger. A proof of inclusion thus has at most 63 hashes, one of consistency 64.
constexpr uint64_t kMaxTreeSize = uint64_t{1} << 63;

// The tree hash of the leaves [index << level, (index + 1) << level), all of which exist; level 0
// is the leaf hash itself. nullopt: it cannot be had, and nor can what was to be made of it.
using SubtreeReader = std::function<std::optional<Digest>(unsigned level, uint64_t index)>;

// The root of the tree of the first `size` leaves; of nothing (size 0), SHA-256 of nothing.
// nullopt: the reader's, or size > kMaxTreeSize.
std::optional<Digest> RootAt(uint64_t size, const SubtreeReader& reader);

// RFC 6962, section 2.1.1. nullopt: the reader's, index >= size, or size > kMaxTreeSize.
std::optional<std::vector<Digest>> ProveInclusion(uint64_t index, uint64_t size,
                                                  const SubtreeReader& reader);

// RFC 6962, section 2.1.2; empty if the old tree is empty or the whole tree. nullopt: the reader's,
// old_size > size, or size > kMaxTreeSize.
std::optional<std::vector<Digest>> ProveConsistency(uint64_t old_size, uint64_t size,
                                                    const SubtreeReader& reader);

// Whether `proof` shows that the tree of `size` leaves with this root has the leaf hash `leaf` at
// `index`. A proof that is longer or shorter than it must be shows nothing. (RFC 9162, 2.1.3.2.)
[[nodiscard]] bool VerifyInclusion(const Digest& leaf, uint64_t index, uint64_t size,
                                   std::span<const Digest> proof, const Digest& root);

// Whether `proof` shows that the tree of `size` leaves begins with the tree of `old_size` leaves.
// Every tree begins with the empty one, if old_root is that one's. (RFC 9162, 2.1.4.2.)
[[nodiscard]] bool VerifyConsistency(uint64_t old_size, const Digest& old_root, uint64_t size,
                                     const Digest& root, std::span<const Digest> proof);

}  // namespace chainfs::ledger

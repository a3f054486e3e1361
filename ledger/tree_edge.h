// SPDX-License-Identifier: GPL-3.0-or-later
// The right edge of the Merkle tree over the records: all that is needed to append to it, and to
// know its root. At most 255 hashes a level, so a few tens of KiB for any tree.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/tile.h"

namespace chainfs::ledger {

// Which tiles must be stored with a record that is appended:
//   - a tile of level 0 once, when it is full: until then its hashes are the links of the newest
//     (at most 255) records, which are read in its place;
//   - a tile of a higher level each time it grows (once in 256^level records), in place of its
//     earlier value, since the tiles below it are not read to derive it.
// So one append in 256 stores anything at all, and then 8 KiB for each level that fills up and at
// most 8 KiB for the one that grows.
//
// A plain value: whoever is not sure that a commit will succeed appends to a copy.
// Not thread-safe.
class TreeEdge {
 public:
  TreeEdge() = default;  // of the empty tree
  // Reads the partial tile of every level, level 0 among them. nullopt: one of them cannot be had
  // or is too short; size > kMaxTreeSize. The tiles are not known to be the right ones until the
  // caller has compared Root() with a root that it trusts.
  static std::optional<TreeEdge> Load(uint64_t size, const TileFetcher& fetch);

  // Amortised two hashes. REQUIRES: size() < kMaxTreeSize.
  void Append(const Digest& leaf_hash);
  uint64_t size() const { return size_; }
  // At most 63 hashes.
  Digest Root() const;

  // What the last Append asks to store: ids with the tiles' hashes. Empty after Load.
  const std::vector<std::pair<TileId, Bytes>>& TilesToStore() const { return to_store_; }

 private:
  void Grow(unsigned level, const Digest& hash);

  uint64_t size_ = 0;
  std::vector<Digest> peaks_;  // as in MerkleHasher
  std::array<Bytes, kTileLevels> partial_;
  std::vector<std::pair<TileId, Bytes>> to_store_;
};

}  // namespace chainfs::ledger

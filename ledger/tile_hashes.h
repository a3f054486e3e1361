// SPDX-License-Identifier: GPL-3.0-or-later
// The hash of any complete subtree, from tiles: what proofs are made from (ledger/proof.h).
#pragma once

#include <list>
#include <vector>

#include "ledger/tile.h"

namespace chainfs::ledger {

// Keeps the tiles used last, with the inner nodes computed from them: a proof reads at most two
// tiles of each level, and a series of neighbouring proofs hardly any. At most 16 tiles, 260 KiB.
//
//   TileHashes hashes(fetch);
//   ProveInclusion(index, size, std::ref(hashes));
//
// As a SubtreeReader gives what the tiles say: see TileFetcher for what that is worth.
// Not thread-safe.
class TileHashes {
 public:
  explicit TileHashes(TileFetcher fetch) : fetch_(std::move(fetch)) {}
  TileHashes(const TileHashes&) = delete;
  TileHashes& operator=(const TileHashes&) = delete;

  // A SubtreeReader. nullopt: the fetcher's; or it gave fewer hashes than asked for, or no
  // multiple of 32 bytes; or level > 63.
  std::optional<Digest> operator()(unsigned level, uint64_t index);

 private:
  struct Tile {
    TileId id;
    std::vector<std::vector<Digest>> heights;  // heights[h]: its complete subtrees of 2^h hashes
  };
  // The newest version of the tile with at least `width` hashes, moved to the front of the cache.
  const Tile* Find(TileId id, size_t width);

  TileFetcher fetch_;
  std::list<Tile> tiles_;  // the one used last in front
};

}  // namespace chainfs::ledger

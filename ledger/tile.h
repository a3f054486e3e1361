// SPDX-License-Identifier: GPL-3.0-or-later
// A tile holds up to 256 neighbouring hashes of the Merkle tree, of a height that is a multiple of
// 8: the geometry of C2SP's tlog-tiles. A tree of 70,000 leaves has
//
//   level 2   1 hash                                       of 65,536 leaves
//   level 1   256 hashes | 17 hashes                       of 256 leaves each
//   level 0   256 | 256 | ... (273 full tiles) ... | 112   leaf hashes
//
// Only a full tile has a hash in the level above. Heights between are computed from the tile.
// docs/format-ledger.md says which tiles are stored, and where. Values; thread-safe.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>

#include "crypto/base/types.h"

namespace chainfs::ledger {

constexpr unsigned kTileHeight = 8;
constexpr size_t kTileWidth = 256;
constexpr unsigned kTileLevels = 8;  // of the largest tree: 256^8 = 2^64

struct TileId {
  unsigned level = 0;  // its hashes are of 256^level leaves each
  uint64_t index = 0;  // within the level
  auto operator<=>(const TileId&) const = default;
};

// Gives a tile's first `width` hashes (1 to 256) or more of them, 32 bytes each, one after the
// other. nullopt: it has no such tile. What it gives is not trusted to be the right hashes, only
// their number is looked at: whoever builds on them compares a root or verifies a proof.
using TileFetcher = std::function<std::optional<Bytes>(TileId tile, size_t width)>;

// How many hashes the tile has in a tree of `size` leaves: 0 (no such tile) to 256.
size_t WidthOfTile(TileId tile, uint64_t size);

// The name of a tile, and of the bundle of the entries below a tile of level 0, in a tile log:
// "tile/0/x001/x234/067.p/5", "tile/entries/x001/x234/067.p/5"; a full one has no suffix.
// REQUIRES: 1 <= width <= 256.
std::string PathOfTile(TileId tile, size_t width);
std::string PathOfEntries(uint64_t index, size_t width);

// The number under which a tile is stored: level in the top byte, index in the others.
// REQUIRES: level < kTileLevels, index < 2^56 (as in every tree of up to kMaxTreeSize leaves).
uint64_t KeyOfTile(TileId tile);
// nullopt: no tile has this key.
std::optional<TileId> TileOfKey(uint64_t key);

}  // namespace chainfs::ledger

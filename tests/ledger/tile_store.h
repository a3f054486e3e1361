// SPDX-License-Identifier: GPL-3.0-or-later
// What the store is to a TreeEdge: keeps the tiles it is told to, and has the leaves (the links of
// the records) from which a partial tile of level 0 comes.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ledger/tile.h"
#include "ledger/tree_edge.h"

namespace chainfs::ledger {

struct TileStore {
  std::map<TileId, Bytes> tiles;
  std::vector<Digest> leaves;
  size_t fetches = 0;

  void Append(TreeEdge& edge, const Digest& leaf) {
    edge.Append(leaf);
    leaves.push_back(leaf);
    for (const auto& [id, hashes] : edge.TilesToStore()) tiles[id] = hashes;
  }

  TileFetcher Fetcher() {
    return [this](TileId id, size_t width) -> std::optional<Bytes> {
      ++fetches;
      const auto stored = tiles.find(id);
      if (stored != tiles.end() && stored->second.size() >= width * 32) return stored->second;
      if (id.level > 0 || id.index * kTileWidth + width > leaves.size()) return std::nullopt;
      Bytes hashes;
      for (size_t i = id.index * kTileWidth; i < leaves.size(); ++i) {
        hashes.insert(hashes.end(), leaves[i].begin(), leaves[i].end());
      }
      return hashes;
    };
  }
};

}  // namespace chainfs::ledger

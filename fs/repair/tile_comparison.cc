// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/tile_comparison.h"

#include <algorithm>

#include "crypto/base/byte_order.h"
#include "fs/history/stored_tiles.h"

namespace chainfs::fs::repair {

void TileComparison::Append(const Digest& link) {
  edge_.Append(link);
  for (const auto& [tile, hashes] : edge_.TilesToStore()) {
    if (hashes.size() == ledger::kTileWidth * sizeof(Digest)) {
      growing_.erase(tile.level);
      Compare(tile, hashes);
    } else {
      growing_[tile.level] = {tile, hashes};
    }
  }
}

void TileComparison::Compare(ledger::TileId tile, const Bytes& hashes) {
  const auto stored = txn_.FindTile(ledger::KeyOfTile(tile));
  if (!stored || !std::ranges::equal(*stored, hashes)) {
    facts_.wrong_tiles[ledger::KeyOfTile(tile)] = hashes;
  }
}

void TileComparison::Finish() {
  for (const auto& [level, tile] : growing_) Compare(tile.first, tile.second);
  (void)txn_.ForEachEntry(store::Table::kTiles, {}, [&](ByteView key, ByteView) {
    const auto tile =
        key.size() == 8 ? ledger::TileOfKey(GetBE<uint64_t>(key.data())) : std::nullopt;
    const size_t width = tile ? ledger::WidthOfTile(*tile, edge_.size()) : 0;
    const bool stored = width == ledger::kTileWidth || (width > 0 && tile->level > 0);
    if (!stored) facts_.strange.emplace_back(store::Table::kTiles, Bytes(key.begin(), key.end()));
    return true;
  });
}

ledger::TileFetcher TileComparison::Fetcher() const {
  return [this, stored = StoredTiles(txn_)](ledger::TileId tile, size_t width) {
    const auto wrong = facts_.wrong_tiles.find(ledger::KeyOfTile(tile));
    return wrong == facts_.wrong_tiles.end() ? stored(tile, width) : std::optional(wrong->second);
  };
}

}  // namespace chainfs::fs::repair

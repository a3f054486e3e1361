// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/ledger/tile_check.h"

#include <algorithm>

#include "fs/check/entry_key.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kHashBytes = std::tuple_size_v<Digest>;

// How many tiles of a level a ledger of `size` records has stored: of level 0 the full ones.
uint64_t StoredTilesOf(unsigned level, uint64_t size) {
  const uint64_t hashes = size >> (ledger::kTileHeight * level);
  if (level == 0) return hashes / ledger::kTileWidth;
  return (hashes + ledger::kTileWidth - 1) / ledger::kTileWidth;
}

std::string NameOf(ledger::TileId tile) {
  return "tile " + std::to_string(tile.index) + " of level " + std::to_string(tile.level);
}

}  // namespace

void TileCheck::ReportMissing(unsigned level, uint64_t from, uint64_t to) {
  const std::string name = NameOf({level, from});
  report_.Damage(FindingKind::kBadTile, to == from + 1
                                            ? name + " is missing"
                                            : name + " is missing, and so are the " +
                                                  std::to_string(to - from - 1) + " after it");
}

void TileCheck::NoteSeen(ledger::TileId tile, uint64_t size) {
  if (tile.index >= StoredTilesOf(tile.level, size)) {
    report_.Damage(FindingKind::kBadTile, NameOf(tile) + " lies past the ledger's end");
    return;
  }
  if (tile.index > seen_[tile.level]) ReportMissing(tile.level, seen_[tile.level], tile.index);
  seen_[tile.level] = tile.index + 1;
}

void TileCheck::CheckTable(const store::ReadTxn& txn, uint64_t size) {
  const auto read = txn.ForEachEntry(store::Table::kTiles, {}, [&](ByteView key, ByteView value) {
    const auto number = NumberOfKey(key);
    const auto tile = number ? ledger::TileOfKey(*number) : std::nullopt;
    if (!tile) {
      report_.Damage(FindingKind::kBadTile, "an entry among the tiles that is no tile");
      return true;
    }
    NoteSeen(*tile, size);
    const size_t width = ledger::WidthOfTile(*tile, size);
    if (tile->index < StoredTilesOf(tile->level, size) && value.size() != width * kHashBytes) {
      report_.Damage(FindingKind::kBadTile, NameOf(*tile) + " has " + std::to_string(value.size()) +
                                                " bytes, not " +
                                                std::to_string(width * kHashBytes));
    }
    return true;
  });
  if (!read) report_.Damage(FindingKind::kBadPage, read.error().message);
  for (unsigned level = 0; level < ledger::kTileLevels; ++level) {
    const uint64_t expected = StoredTilesOf(level, size);
    if (seen_[level] < expected) ReportMissing(level, seen_[level], expected);
  }
}

void TileCheck::CompareNewest(const store::ReadTxn& txn, const ledger::TreeEdge& edge) {
  for (const auto& [tile, hashes] : edge.TilesToStore()) {
    const auto stored = txn.FindTile(ledger::KeyOfTile(tile));
    // That one is missing or too short has been said.
    if (!stored || stored->size() < hashes.size()) continue;
    const size_t from = tile.level == 0 ? 0 : hashes.size() - kHashBytes;
    if (std::equal(hashes.begin() + from, hashes.end(), stored->begin() + from)) continue;
    if (reported_[tile.level] == tile) continue;
    reported_[tile.level] = tile;
    report_.Damage(FindingKind::kBadTile, NameOf(tile) + " does not have the records' hashes");
  }
}

std::optional<ByteView> FindFullTile(const store::ReadTxn& txn, uint64_t index) {
  const auto tile = txn.FindTile(ledger::KeyOfTile({0, index}));
  if (!tile || tile->size() != ledger::kTileWidth * kHashBytes) return std::nullopt;
  return tile;
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/stored_tiles.h"

#include "ledger/record.h"

namespace chainfs::fs {
namespace {

constexpr size_t kHashBytes = std::tuple_size_v<Digest>;

// A tile of level 0 is made of the links of 256 records.
std::optional<Bytes> TileFromRecords(const store::ReadTxn& txn, uint64_t index, size_t width) {
  Bytes hashes;
  hashes.reserve(width * kHashBytes);
  for (uint64_t i = 0; i < width; ++i) {
    const auto record = txn.FindRecord(Sequence(index * ledger::kTileWidth + i));
    if (!record) return std::nullopt;
    const Digest link = ledger::LinkOf(*record);
    hashes.insert(hashes.end(), link.begin(), link.end());
  }
  return hashes;
}

}  // namespace

ledger::TileFetcher StoredTiles(const store::ReadTxn& txn) {
  return [&txn](ledger::TileId tile, size_t width) -> std::optional<Bytes> {
    const auto stored = txn.FindTile(ledger::KeyOfTile(tile));
    if (stored && stored->size() >= width * kHashBytes &&
        stored->size() <= ledger::kTileWidth * kHashBytes) {
      return Bytes(stored->begin(), stored->end());
    }
    return tile.level == 0 ? TileFromRecords(txn, tile.index, width) : std::nullopt;
  };
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tile.h"

#include <cassert>

namespace chainfs::ledger {
namespace {

constexpr unsigned kIndexBits = 56;
constexpr uint64_t kIndexMask = (uint64_t{1} << kIndexBits) - 1;

std::string ThreeDigits(uint64_t number) {
  const std::string digits = std::to_string(number % 1000);
  return std::string(3 - digits.size(), '0') + digits;
}

std::string WithIndex(std::string folder, uint64_t index, size_t width) {
  assert(width >= 1 && width <= kTileWidth);
  std::string path = ThreeDigits(index);
  for (index /= 1000; index > 0; index /= 1000) path = "x" + ThreeDigits(index) + "/" + path;
  path = std::move(folder) + path;
  return width == kTileWidth ? path : path + ".p/" + std::to_string(width);
}

}  // namespace

size_t WidthOfTile(TileId tile, uint64_t size) {
  if (tile.level >= kTileLevels) return 0;
  const uint64_t hashes = size >> (kTileHeight * tile.level);
  const uint64_t full_tiles = hashes / kTileWidth;
  if (tile.index < full_tiles) return kTileWidth;
  return tile.index == full_tiles ? hashes % kTileWidth : 0;
}

std::string PathOfTile(TileId tile, size_t width) {
  return WithIndex("tile/" + std::to_string(tile.level) + "/", tile.index, width);
}

std::string PathOfEntries(uint64_t index, size_t width) {
  return WithIndex("tile/entries/", index, width);
}

uint64_t KeyOfTile(TileId tile) {
  assert(tile.level < kTileLevels && tile.index <= kIndexMask);
  return uint64_t{tile.level} << kIndexBits | tile.index;
}

std::optional<TileId> TileOfKey(uint64_t key) {
  const TileId tile{static_cast<unsigned>(key >> kIndexBits), key & kIndexMask};
  if (tile.level >= kTileLevels) return std::nullopt;
  return tile;
}

}  // namespace chainfs::ledger

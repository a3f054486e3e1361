// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tile_hashes.h"

#include <algorithm>
#include <cstring>

#include "ledger/merkle.h"

namespace chainfs::ledger {
namespace {

constexpr size_t kCachedTiles = 16;
constexpr size_t kHashBytes = std::tuple_size_v<Digest>;

// One row of digests for each height up to kTileHeight, the tile's own hashes at height 0.
std::vector<std::vector<Digest>> BuildHeights(ByteView hashes) {
  std::vector<std::vector<Digest>> heights(kTileHeight + 1);
  heights[0].resize(hashes.size() / kHashBytes);
  for (Digest& hash : heights[0]) {
    std::memcpy(hash.data(), hashes.data(), kHashBytes);
    hashes = hashes.subspan(kHashBytes);
  }
  for (size_t height = 1; height <= kTileHeight; ++height) {
    const std::vector<Digest>& below = heights[height - 1];
    heights[height].reserve(below.size() / 2);
    for (size_t i = 0; i + 1 < below.size(); i += 2) {
      heights[height].push_back(NodeHash(below[i], below[i + 1]));
    }
  }
  return heights;
}

}  // namespace

const TileHashes::Tile* TileHashes::Find(TileId id, size_t width) {
  auto found = std::ranges::find(tiles_, id, &Tile::id);
  if (found != tiles_.end() && found->heights[0].size() >= width) {
    tiles_.splice(tiles_.begin(), tiles_, found);
    return &tiles_.front();
  }
  std::optional<Bytes> hashes = fetch_(id, width);
  if (!hashes || hashes->size() % kHashBytes != 0) return nullptr;
  if (hashes->size() < width * kHashBytes || hashes->size() > kTileWidth * kHashBytes) {
    return nullptr;
  }
  if (found != tiles_.end()) tiles_.erase(found);
  if (tiles_.size() == kCachedTiles) tiles_.pop_back();
  tiles_.push_front({id, BuildHeights(*hashes)});
  return &tiles_.front();
}

std::optional<Digest> TileHashes::operator()(unsigned level, uint64_t index) {
  if (level >= kTileLevels * kTileHeight) return std::nullopt;
  const unsigned height = level % kTileHeight;
  const unsigned bits_in_tile = kTileHeight - height;
  const TileId id{level / kTileHeight, index >> bits_in_tile};
  const uint64_t place = index & ((uint64_t{1} << bits_in_tile) - 1);
  const Tile* tile = Find(id, (place + 1) << height);
  if (!tile) return std::nullopt;
  return tile->heights[height][place];
}

}  // namespace chainfs::ledger

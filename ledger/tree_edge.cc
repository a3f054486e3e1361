// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/tree_edge.h"

#include <bit>
#include <cassert>
#include <cstring>

#include "crypto/sha256.h"
#include "ledger/merkle.h"
#include "ledger/proof.h"

namespace chainfs::ledger {
namespace {

constexpr size_t kHashBytes = std::tuple_size_v<Digest>;

// Adds the roots of the complete subtrees that the hashes fall into, largest first.
void AddPeaks(ByteView hashes, std::vector<Digest>& peaks) {
  while (!hashes.empty()) {
    const size_t bytes = std::bit_floor(hashes.size() / kHashBytes) * kHashBytes;
    MerkleHasher subtree;
    for (size_t at = 0; at < bytes; at += kHashBytes) {
      Digest hash;
      std::memcpy(hash.data(), hashes.data() + at, kHashBytes);
      subtree.Append(hash);
    }
    peaks.push_back(subtree.Root());
    hashes = hashes.subspan(bytes);
  }
}

}  // namespace

std::optional<TreeEdge> TreeEdge::Load(uint64_t size, const TileFetcher& fetch) {
  if (size > kMaxTreeSize) return std::nullopt;
  TreeEdge edge;
  edge.size_ = size;
  for (unsigned level = kTileLevels; level-- > 0;) {
    const uint64_t hashes = size >> (kTileHeight * level);
    const size_t width = hashes % kTileWidth;
    if (width == 0) continue;
    std::optional<Bytes> tile = fetch({level, hashes / kTileWidth}, width);
    if (!tile || tile->size() < width * kHashBytes) return std::nullopt;
    tile->resize(width * kHashBytes);
    AddPeaks(*tile, edge.peaks_);
    edge.partial_[level] = std::move(*tile);
  }
  return edge;
}

void TreeEdge::Append(const Digest& leaf_hash) {
  assert(size_ < kMaxTreeSize);
  to_store_.clear();
  Grow(0, leaf_hash);
  Digest peak = leaf_hash;
  unsigned height = 0;
  // Like a carry in binary addition; where it passes a multiple of the tile's height, a tile has
  // become full, and the peak is its hash.
  for (uint64_t bits = size_; bits & 1; bits >>= 1) {
    peak = NodeHash(peaks_.back(), peak);
    peaks_.pop_back();
    ++height;
    if (height % kTileHeight == 0) Grow(height / kTileHeight, peak);
  }
  peaks_.push_back(peak);
  ++size_;
}

// The hash is one of the leaf that is being appended, so size_ does not count it yet.
void TreeEdge::Grow(unsigned level, const Digest& hash) {
  Bytes& tile = partial_[level];
  tile.insert(tile.end(), hash.begin(), hash.end());
  const bool full = tile.size() == kTileWidth * kHashBytes;
  if (full || level > 0) {
    const uint64_t place = size_ >> (kTileHeight * level);
    to_store_.emplace_back(TileId{level, place / kTileWidth}, tile);
  }
  if (full) tile.clear();
}

Digest TreeEdge::Root() const {
  if (peaks_.empty()) return crypto::Sha256(ByteView());
  Digest root = peaks_.back();
  for (size_t i = peaks_.size() - 1; i-- > 0;) root = NodeHash(peaks_[i], root);
  return root;
}

}  // namespace chainfs::ledger

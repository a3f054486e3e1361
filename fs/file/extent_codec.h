// SPDX-License-Identifier: GPL-3.0-or-later
// The EXTENT item's value: the pieces of one region, newest first.
//
//   piece: pointer 36 B, stored mask u32, live mask u32 (bit b: block b of the region)
//
// A piece with object id 0 (and zeros for a nonce) is lost: a repair has found that it cannot be
// opened. Reading its live blocks is an error until they are written again or cut off.
//
// A block is live in at most one piece; a block live in none is a hole. A piece's plaintext is its
// stored blocks in order; only the last may be short, and then the rest of it is zero.
#pragma once

#include <bit>
#include <optional>

#include "crypto/base/byte_order.h"
#include "fs/types.h"

namespace chainfs::fs {

using BlockMask = uint32_t;

struct PieceRef {
  Pointer pointer;
  BlockMask stored = 0, live = 0;
};

inline bool IsLost(const PieceRef& ref) { return ref.pointer.id == ObjectId(); }

constexpr size_t kPieceRefBytes = kPointerBytes + 4 + 4;
constexpr size_t kMaxPieces = 16;  // a region with more is merged before it is written

// The pieces of one region, without allocation.
class Pieces {
 public:
  size_t size() const { return size_; }
  PieceRef& operator[](size_t i) { return refs_[i]; }
  const PieceRef& operator[](size_t i) const { return refs_[i]; }
  const PieceRef* begin() const { return refs_.data(); }
  const PieceRef* end() const { return refs_.data() + size_; }
  PieceRef* begin() { return refs_.data(); }
  PieceRef* end() { return refs_.data() + size_; }
  bool full() const { return size_ == refs_.size(); }
  // REQUIRES: !full().
  void PushFront(const PieceRef& ref) {
    for (size_t i = size_++; i > 0; --i) refs_[i] = refs_[i - 1];
    refs_[0] = ref;
  }
  void Append(const PieceRef& ref) { refs_[size_++] = ref; }
  void RemoveAt(size_t i) {
    for (--size_; i < size_; ++i) refs_[i] = refs_[i + 1];
  }
  BlockMask live() const {
    BlockMask mask = 0;
    for (const PieceRef& ref : *this) mask |= ref.live;
    return mask;
  }

 private:
  std::array<PieceRef, kMaxPieces + 1> refs_;
  size_t size_ = 0;
};

inline BlockMask BlockBit(size_t block) { return BlockMask{1} << block; }
inline size_t CountBlocks(BlockMask mask) { return static_cast<size_t>(std::popcount(mask)); }

// Whether the object can hold the stored blocks, the last one perhaps in part.
inline bool LengthIsSound(const PieceRef& ref) {
  const size_t most = CountBlocks(ref.stored) * kBlockBytes;
  return ref.pointer.length_bytes <= most && ref.pointer.length_bytes > most - kBlockBytes;
}
// Where a stored block begins in the piece's plaintext.
inline size_t PlaceInPiece(const PieceRef& ref, size_t block) {
  return CountBlocks(ref.stored & (BlockBit(block) - 1)) * kBlockBytes;
}

// The encoded form in a caller's buffer.
struct ExtentValue {
  std::array<uint8_t, (kMaxPieces + 1) * kPieceRefBytes> raw;
  size_t size = 0;
  ByteView view() const { return {raw.data(), size}; }
};
ExtentValue EncodePieces(const Pieces& pieces);
// nullopt: not a sound value. A pointer of the open generation may still lack nonce and length.
std::optional<Pieces> DecodePieces(ByteView value);

// Visits the place of each encoded pointer.
template <class F>
void ForEachExtentPointer(MutableByteView value, F&& visit) {
  for (size_t at = 0; at + kPieceRefBytes <= value.size(); at += kPieceRefBytes) {
    visit(value.data() + at);
  }
}

}  // namespace chainfs::fs

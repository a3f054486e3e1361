// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/extent_codec.h"

namespace chainfs::fs {

ExtentValue EncodePieces(const Pieces& pieces) {
  ExtentValue value;
  for (const PieceRef& ref : pieces) {
    uint8_t* at = value.raw.data() + value.size;
    PutPointer(at, ref.pointer);
    PutBE(at + kPointerBytes, ref.stored);
    PutBE(at + kPointerBytes + 4, ref.live);
    value.size += kPieceRefBytes;
  }
  return value;
}

std::optional<Pieces> DecodePieces(ByteView value) {
  if (value.size() % kPieceRefBytes != 0 || value.size() / kPieceRefBytes > kMaxPieces) return {};
  Pieces pieces;
  BlockMask seen = 0;
  for (size_t at = 0; at < value.size(); at += kPieceRefBytes) {
    PieceRef ref;
    ref.pointer = GetPointer(value.data() + at);
    ref.stored = GetBE<uint32_t>(value.data() + at + kPointerBytes);
    ref.live = GetBE<uint32_t>(value.data() + at + kPointerBytes + 4);
    const bool sound = ref.live != 0 && (ref.live & ~ref.stored) == 0 && (ref.live & seen) == 0 &&
                       ref.pointer.length_bytes <= CountBlocks(ref.stored) * kBlockBytes;
    if (!sound) return {};
    seen |= ref.live;
    pieces.Append(ref);
  }
  return pieces;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/lose.h"

namespace chainfs::fs {

PieceRef LostPiece(BlockMask live) {
  PieceRef ref;
  ref.stored = ref.live = live;
  ref.pointer.length_bytes = static_cast<uint32_t>(CountBlocks(live) * kBlockBytes);
  return ref;
}

Result<void> LosePiece(Change& change, InodeNumber inode, RegionIndex region, ObjectId piece) {
  const Key key(inode, ItemKind::kExtent, region.value);
  auto item = change.Find(key);
  if (!item) return std::move(item).error();
  auto pieces = DecodePieces(item->value);
  if (!pieces) return ErrorCode::kDamaged;
  for (PieceRef& ref : *pieces) {
    if (ref.pointer.id != piece) continue;
    ref = LostPiece(ref.live);
    return change.Put(key, EncodePieces(*pieces).view());
  }
  return ErrorCode::kNotFound;
}

}  // namespace chainfs::fs

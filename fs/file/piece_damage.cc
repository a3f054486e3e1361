// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/piece_damage.h"

#include <algorithm>

#include "fs/open_object.h"

namespace chainfs::fs {

static_assert(kChunkBytes == kBlockBytes);

Result<BlockMask> DamagedBlocks(const store::ReadTxn& txn, const crypto::ObjectSealer& sealer,
                                const PieceRef& ref) {
  if (!LengthIsSound(ref)) return ref.live;
  BlockMask damaged = 0;
  for (BlockMask rest = ref.live; rest != 0; rest &= rest - 1) {
    const size_t block = static_cast<size_t>(std::countr_zero(rest));
    const size_t at = PlaceInPiece(ref, block);
    uint8_t plaintext[kBlockBytes];
    const MutableByteView out(plaintext, std::min(kBlockBytes, ref.pointer.length_bytes - at));
    const auto opened = OpenObjectPart(txn, sealer, ObjectType::kData, ref.pointer, at, out);
    if (opened) continue;
    if (opened.error().code == ErrorCode::kIo) return opened.error();
    damaged |= BlockBit(block);
  }
  return damaged;
}

}  // namespace chainfs::fs

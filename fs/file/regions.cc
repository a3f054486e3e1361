// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/regions.h"

#include <algorithm>
#include <cstring>

namespace chainfs::fs {
namespace {

// Bits of the blocks that [begin, end) touches.
BlockMask BlocksTouched(size_t begin, size_t end) {
  const size_t first = begin / kBlockBytes;
  const size_t count = (end - 1) / kBlockBytes - first + 1;
  return (count == 32 ? ~BlockMask{0} : (BlockMask{1} << count) - 1) << first;
}

// The part of [begin, begin + out) that lies in one block, copied from that block's bytes.
void CopyBlock(size_t block, ByteView content, size_t begin, MutableByteView out) {
  const size_t block_begin = block * kBlockBytes;
  const size_t from = std::max(begin, block_begin);
  const size_t to = std::min(begin + out.size(), block_begin + content.size());
  if (from < to) {
    std::memcpy(out.data() + (from - begin), content.data() + (from - block_begin), to - from);
  }
}

void CopyFromPending(const Piece& piece, BlockMask wanted, size_t begin, MutableByteView out) {
  for (BlockMask rest = wanted; rest != 0; rest &= rest - 1) {
    const size_t block = static_cast<size_t>(std::countr_zero(rest));
    CopyBlock(block, {piece.block(block), kBlockBytes}, begin, out);
  }
}

void CopyFromPlaintext(ByteView plaintext, BlockMask stored, BlockMask wanted, size_t begin,
                       MutableByteView out) {
  for (BlockMask rest = wanted; rest != 0; rest &= rest - 1) {
    const size_t block = static_cast<size_t>(std::countr_zero(rest));
    const size_t at = CountBlocks(stored & (BlockBit(block) - 1)) * kBlockBytes;
    if (at >= plaintext.size()) continue;
    CopyBlock(block, plaintext.subspan(at, std::min(kBlockBytes, plaintext.size() - at)), begin,
              out);
  }
}

// True if the piece's plaintext is exactly the bytes that go to the front of `out`, so that it can
// be opened in place.
bool FillsFront(const PieceRef& ref, BlockMask wanted, size_t begin, MutableByteView out) {
  if (wanted != ref.stored || begin % kBlockBytes != 0) return false;
  const BlockMask run = ref.stored >> (begin / kBlockBytes);
  return (run & (run + 1)) == 0 && (run & 1) != 0 && ref.pointer.length_bytes <= out.size();
}

bool LengthIsSound(const PieceRef& ref) {
  const size_t most = CountBlocks(ref.stored) * kBlockBytes;
  return ref.pointer.length_bytes <= most && ref.pointer.length_bytes > most - kBlockBytes;
}

Result<void> CopyFromStore(Core& core, const PieceRef& ref, BlockMask wanted, size_t begin,
                           MutableByteView out) {
  if (auto cached = core.pieces.Find(ref.pointer.id)) {
    CopyFromPlaintext(*cached, ref.stored, wanted, begin, out);
    return {};
  }
  if (!LengthIsSound(ref)) return ErrorCode::kDamaged;
  auto txn = core.store->BeginRead();
  if (!txn) return std::move(txn).error();
  auto sealed = txn->FindObject(ref.pointer.id);
  if (!sealed) return ErrorCode::kDamaged;
  if (FillsFront(ref, wanted, begin, out)) {
    const bool genuine = core.sealer.Open(ObjectType::kData, ref.pointer, *sealed,
                                          out.first(ref.pointer.length_bytes));
    return genuine ? Result<void>() : ErrorCode::kDamaged;
  }
  auto plaintext = std::make_shared<Bytes>(ref.pointer.length_bytes);
  if (!core.sealer.Open(ObjectType::kData, ref.pointer, *sealed, *plaintext)) {
    return ErrorCode::kDamaged;
  }
  CopyFromPlaintext(*plaintext, ref.stored, wanted, begin, out);
  if (wanted != ref.live) core.pieces.Insert(ref.pointer.id, std::move(plaintext));
  return {};
}

// The same for every read that meets this piece, so that it is logged once.
Error Damaged(RegionIndex region, const PieceRef& ref) {
  std::string ranges;
  for (BlockMask rest = ref.live; rest != 0;) {
    const int first = std::countr_zero(rest);
    const int count = std::countr_one(rest >> first);
    const uint64_t begin = region.value * kRegionBytes + static_cast<size_t>(first) * kBlockBytes;
    const uint64_t end = begin + static_cast<size_t>(count) * kBlockBytes;
    ranges += (ranges.empty() ? "" : ",") + std::to_string(begin) + "-" + std::to_string(end - 1);
    rest &= static_cast<BlockMask>(~(((uint64_t{1} << count) - 1) << first));
  }
  return {ErrorCode::kDamaged, "damaged: bytes " + ranges};
}

}  // namespace

Result<std::vector<RegionSource>> FindRegions(const ReadView& view, InodeNumber inode,
                                              RegionIndex first, RegionIndex last) {
  std::vector<RegionSource> sources;
  auto cursor = view.Seek(Key(inode, ItemKind::kExtent, first.value));
  if (!cursor) return std::move(cursor).error();
  while (cursor->IsAt(inode, ItemKind::kExtent) && cursor->key().offset <= last.value) {
    auto pieces = DecodePieces(cursor->value());
    if (!pieces) return ErrorCode::kDamaged;
    RegionSource& source = sources.emplace_back();
    source.region = RegionIndex(cursor->key().offset);
    source.pieces = *pieces;
    for (const PieceRef& ref : source.pieces) {
      auto object = view.FindPending(ref.pointer.id);
      // What an item says is not to be trusted with a cast.
      if (object != nullptr && object->type() != ObjectType::kData) return ErrorCode::kDamaged;
      source.pending.push_back(std::static_pointer_cast<const Piece>(std::move(object)));
    }
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return sources;
}

Result<void> ReadRegion(Core& core, const RegionSource& source, size_t begin, MutableByteView out) {
  const BlockMask touched = BlocksTouched(begin, begin + out.size());
  // Most reads meet one whole piece and fill everything; only what stays is cleared.
  std::memset(out.data(), 0, out.size());
  for (size_t i = 0; i < source.pieces.size(); ++i) {
    const PieceRef& ref = source.pieces[i];
    const BlockMask wanted = ref.live & touched;
    if (wanted == 0) continue;
    if (source.pending[i] != nullptr) {
      CopyFromPending(*source.pending[i], wanted, begin, out);
    } else if (auto copied = CopyFromStore(core, ref, wanted, begin, out); !copied) {
      if (copied.error().code == ErrorCode::kDamaged) return Damaged(source.region, ref);
      return copied;
    }
  }
  return {};
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/regions.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "fs/file/piece_damage.h"
#include "fs/open_object.h"

namespace chainfs::fs {
namespace {

// Bits of the blocks that [begin, end) touches.
BlockMask BlocksTouched(size_t begin, size_t end) {
  const size_t first = begin / kBlockBytes;
  const size_t count = (end - 1) / kBlockBytes - first + 1;
  return (count == 32 ? ~BlockMask{0} : (BlockMask{1} << count) - 1) << first;
}

// Adjacent blocks of a region: [first, end).
struct BlockRun {
  size_t first, end;
};

// Takes the first run out of *blocks; nullopt: there is none.
std::optional<BlockRun> TakeRun(BlockMask* blocks) {
  if (*blocks == 0) return std::nullopt;
  const size_t first = static_cast<size_t>(std::countr_zero(*blocks));
  const size_t end = first + static_cast<size_t>(std::countr_one(*blocks >> first));
  *blocks = end == kRegionBlocks ? 0 : *blocks & (~BlockMask{0} << end);
  return BlockRun{first, end};
}

// The part of a read of the region's bytes [begin, begin + out) that lies in a run of blocks.
struct RunPart {
  RunPart(const BlockRun& run, size_t begin, MutableByteView out_in)
      : from(std::max(begin, run.first * kBlockBytes)),
        out(out_in.subspan(from - begin,
                           std::min(begin + out_in.size(), run.end * kBlockBytes) - from)) {}
  size_t from;  // in the region
  MutableByteView out;
};

void CopyFromPending(const Piece& piece, BlockMask wanted, size_t begin, MutableByteView out) {
  for (BlockMask rest = wanted; rest != 0; rest &= rest - 1) {
    const size_t block = static_cast<size_t>(std::countr_zero(rest));
    const RunPart part({block, block + 1}, begin, out);
    std::memcpy(part.out.data(), piece.block(block) + part.from % kBlockBytes, part.out.size());
  }
}

// Opens the piece's plaintext from `at` on. What lies past its end is zeros.
Result<void> OpenPart(Core& core, const store::ReadTxn& txn, const Pointer& pointer, size_t at,
                      MutableByteView out, store::DiskRange* missing) {
  const size_t there = at < pointer.length_bytes ? pointer.length_bytes - at : 0;
  const MutableByteView sealed_part = out.first(std::min(out.size(), there));
  std::ranges::fill(out.subspan(sealed_part.size()), uint8_t{0});
  if (sealed_part.empty()) return {};
  const auto opened =
      OpenObjectPart(txn, core.sealer, ObjectType::kData, pointer, at, sealed_part, missing);
  // The caller holds the inode's lock: what its tree points to is there.
  const bool is_gone = !opened && opened.error().code == ErrorCode::kNotFound;
  return is_gone ? Result<void>(ErrorCode::kDamaged) : opened;
}

Result<void> CopyFromStore(Core& core, const PieceRef& ref, BlockMask wanted, size_t begin,
                           MutableByteView out, store::DiskRange* missing) {
  if (!LengthIsSound(ref)) return ErrorCode::kDamaged;
  auto txn = core.store->BeginRead();
  if (!txn) return std::move(txn).error();
  // Blocks that are adjacent in the region are adjacent in the piece.
  for (BlockMask rest = wanted; const auto run = TakeRun(&rest);) {
    const RunPart part(*run, begin, out);
    const size_t at = PlaceInPiece(ref, run->first) + (part.from - run->first * kBlockBytes);
    auto opened = OpenPart(core, *txn, ref.pointer, at, part.out, missing);
    if (!opened) return opened;
  }
  return {};
}

// The same for every read that meets damage of this piece, so that it is logged once.
Error Damaged(Core& core, RegionIndex region, const PieceRef& ref) {
  BlockMask damaged = ref.live;
  if (const auto txn = core.store->BeginRead(); txn && !IsLost(ref)) {
    if (const auto blocks = DamagedBlocks(*txn, core.sealer, ref)) damaged = *blocks;
  }
  std::string ranges;
  for (BlockMask rest = damaged; const auto run = TakeRun(&rest);) {
    const uint64_t begin = region.value * kRegionBytes + run->first * kBlockBytes;
    const uint64_t end = region.value * kRegionBytes + run->end * kBlockBytes;
    ranges += (ranges.empty() ? "" : ",") + std::to_string(begin) + "-" + std::to_string(end - 1);
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

Result<void> ReadRegion(Core& core, const RegionSource& source, size_t begin, MutableByteView out,
                        store::DiskRange* missing) {
  const BlockMask touched = BlocksTouched(begin, begin + out.size());
  BlockMask holes = touched;
  for (size_t i = 0; i < source.pieces.size(); ++i) {
    const PieceRef& ref = source.pieces[i];
    const BlockMask wanted = ref.live & touched;
    if (wanted == 0) continue;
    holes &= ~wanted;
    if (source.pending[i] != nullptr) {
      CopyFromPending(*source.pending[i], wanted, begin, out);
    } else if (auto copied = CopyFromStore(core, ref, wanted, begin, out, missing); !copied) {
      if (copied.error().code == ErrorCode::kDamaged) return Damaged(core, source.region, ref);
      return copied;
    }
  }
  while (const auto run = TakeRun(&holes)) {
    std::ranges::fill(RunPart(*run, begin, out).out, uint8_t{0});
  }
  return {};
}

}  // namespace chainfs::fs

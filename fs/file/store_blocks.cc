// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/store_blocks.h"

#include <algorithm>
#include <cassert>

#include "fs/file/reservation.h"

namespace chainfs::fs {
namespace {

Result<Pieces> LoadPieces(const Change& change, const Key& key) {
  auto item = change.Find(key);
  if (!item) {
    if (item.error().code == ErrorCode::kNotFound) return Pieces{};
    return std::move(item).error();
  }
  auto pieces = DecodePieces(item->value);
  if (!pieces) return ErrorCode::kDamaged;
  return *pieces;
}

// The piece if it is one of the open generation; null: it is not.
std::shared_ptr<Piece> FindOpenPiece(const Change& change, const PieceRef& ref) {
  auto open = change.FindOpen(ref.pointer.id);
  // What an item says is not to be trusted with a cast.
  if (open == nullptr || open->type() != ObjectType::kData) return nullptr;
  return std::static_pointer_cast<Piece>(std::move(open));
}

// How many pieces are left if the blocks of `mask` go elsewhere.
size_t CountSurvivors(const Pieces& pieces, BlockMask mask) {
  return static_cast<size_t>(std::count_if(
      pieces.begin(), pieces.end(), [&](const PieceRef& ref) { return (ref.live & ~mask) != 0; }));
}

// Takes the blocks of `mask` from every piece but `except`, an object of the open generation;
// pieces left without a live block leave the tree.
void TakeBlocks(Change& change, Pieces& pieces, BlockMask mask, const Piece* except) {
  for (size_t i = 0; i < pieces.size();) {
    PieceRef& ref = pieces[i];
    const BlockMask taken = ref.live & mask;
    if ((except != nullptr && ref.pointer.id == except->id()) || taken == 0) {
      ++i;
      continue;
    }
    ref.live &= ~mask;
    auto piece = FindOpenPiece(change, ref);
    if (piece) change.AddDataBytes(-static_cast<ptrdiff_t>(CountBlocks(taken) * kBlockBytes));
    if (ref.live == 0) {
      // Whole: whoever still reads it keeps it.
      if (piece) change.AddDataBytes(-static_cast<ptrdiff_t>(kBlockBytes));
      change.RetireObject(ref.pointer);
      pieces.RemoveAt(i);
      continue;
    }
    if (piece) {
      for (BlockMask rest = taken; rest != 0; rest &= rest - 1) {
        piece->DropBlock(static_cast<size_t>(std::countr_zero(rest)));
      }
      ref.stored = ref.live;
    }
    ++i;
  }
}

// Brings the counts in line with a region whose live blocks are about to change. Failing, it has
// changed nothing.
Result<void> CountChange(Change& change, InodeNumber number, InodeItem& inode, RegionIndex region,
                         BlockMask before, BlockMask after) {
  if (auto noted = NoteLiveness(change, number, inode, region, before, after); !noted) return noted;
  const auto delta =
      static_cast<int64_t>(CountBlocks(after)) - static_cast<int64_t>(CountBlocks(before));
  if (delta != 0) {
    inode.blocks += static_cast<uint64_t>(delta);
    RootCounters counters = change.counters();
    counters.data_blocks += static_cast<uint64_t>(delta);
    change.SetCounters(counters);
  }
  return {};
}

}  // namespace

Result<void> StoreBlocks(Change& change, InodeNumber number, InodeItem& inode,
                         std::span<PlacedBlock> blocks) {
  const Key key(number, ItemKind::kExtent, blocks.front().index / kRegionBlocks);
  auto pieces = LoadPieces(change, key);
  if (!pieces) return std::move(pieces).error();
  const BlockMask before = pieces->live();
  BlockMask mask = 0;
  for (const PlacedBlock& placed : blocks) mask |= BlockBit(placed.index % kRegionBlocks);
  // Only if that many do not verify, and so cannot be merged.
  if (CountSurvivors(*pieces, mask) >= kMaxPieces) return ErrorCode::kDamaged;
  auto counted = CountChange(change, number, inode, RegionIndex(key.offset), before, before | mask);
  if (!counted) return counted;

  std::shared_ptr<Piece> piece;
  for (const PieceRef& ref : *pieces) {
    piece = FindOpenPiece(change, ref);
    if (piece) break;
  }
  ptrdiff_t added = 0;
  if (piece == nullptr) {
    piece = change.NewObject<Piece>();
    pieces->PushFront({piece->pointer(), 0, 0});
    added += kBlockBytes;  // the LMDB page that every object costs
  }
  for (PlacedBlock& placed : blocks) {
    const size_t i = placed.index % kRegionBlocks;
    if ((piece->stored() & BlockBit(i)) == 0) added += kBlockBytes;
    piece->SetBlock(i, std::move(placed.block));
  }
  change.AddDataBytes(added);
  TakeBlocks(change, *pieces, mask, piece.get());
  for (PieceRef& ref : *pieces) {
    if (ref.pointer.id == piece->id()) ref.stored = ref.live = piece->stored();
  }
  return change.Put(key, EncodePieces(*pieces).view());
}

Result<void> DropBlocks(Change& change, InodeNumber number, InodeItem& inode, RegionIndex region,
                        BlockMask mask) {
  const Key key(number, ItemKind::kExtent, region.value);
  auto pieces = LoadPieces(change, key);
  if (!pieces) return std::move(pieces).error();
  const BlockMask before = pieces->live();
  if ((before & mask) == 0) return {};
  auto counted = CountChange(change, number, inode, region, before, before & ~mask);
  if (!counted) return counted;
  TakeBlocks(change, *pieces, mask, nullptr);
  return pieces->size() == 0 ? change.Erase(key) : change.Put(key, EncodePieces(*pieces).view());
}

}  // namespace chainfs::fs

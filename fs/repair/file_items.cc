// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/file_items.h"

#include <bit>

#include "fs/file/block_range.h"
#include "fs/file/lose.h"
#include "fs/file/reservation.h"

namespace chainfs::fs::repair {
namespace {

constexpr uint64_t kLastRegion = kMaxFileSize / kRegionBytes;
// So many items at the most say of one file that its blocks are lost: 128 GiB.
constexpr uint64_t kMostLostRegions = 1 << 20;
constexpr size_t kMostRangesNamed = 16;

std::string BytesText(uint64_t from, uint64_t to) {
  return "bytes " + std::to_string(from) + " to " + std::to_string(to);
}

}  // namespace

void FileItems::Begin(InodeNumber number, const InodeItem* inode) {
  number_ = number;
  inode_ = inode;
  extents_ = ranges_ = blocks_ = end_block_ = reserved_end_ = 0;
  lost_.clear();
}

Result<Step> FileItems::Drop(const Key& key, ByteView value, const char* why) {
  bench_.journal.Keep(key, value);
  bench_.journal.Add(Action::kRemoveItems, number_, why);
  if (auto erased = bench_.change.Erase(key); !erased) return std::move(erased).error();
  return Step::kChanged;
}

Result<Step> FileItems::OnExtent(const Key& key, ByteView value) {
  const bool fits =
      inode_ == nullptr || (inode_->is_regular() && (inode_->flags & kInlineData) == 0);
  if (!fits) return Drop(key, value, "file data where there should be none: removed");
  if (key.offset > kLastRegion) return Drop(key, value, "file data past any end: removed");
  auto pieces = DecodePieces(value);
  if (!pieces || pieces->size() == 0) return GiveUpItem(key, value);
  ++extents_;
  Count(key.offset, pieces->live());
  auto changed = JudgePieces(key, *pieces);
  if (!changed) return std::move(changed).error();
  if (!*changed) return Step::kNext;
  auto put = bench_.change.Put(key, EncodePieces(*pieces).view());
  if (!put) return std::move(put).error();
  return Step::kChanged;
}

Result<Step> FileItems::GiveUpItem(const Key& key, ByteView value) {
  const uint64_t end = inode_ != nullptr ? BlocksOf(inode_->size) : UINT64_MAX;
  const BlockMask blocks = MaskWithin(key.offset, 0, end);
  if (blocks == 0) return Drop(key, value, "a malformed item past its end: removed");
  bench_.journal.Keep(key, value);
  ++extents_;
  Count(key.offset, blocks);
  NoteLost(key.offset, blocks);
  Pieces lost;
  lost.Append(LostPiece(blocks));
  auto put = bench_.change.Put(key, EncodePieces(lost).view());
  if (!put) return std::move(put).error();
  return Step::kChanged;
}

Result<bool> FileItems::JudgePieces(const Key& key, Pieces& pieces) {
  using Judgement = ObjectJudge::Judgement;
  bool changed = false;
  BlockMask lost = 0;
  for (const PieceRef& ref : pieces) {
    if (IsLost(ref)) lost |= ref.live;
  }
  Pieces kept;
  Bytes plaintext;
  for (const PieceRef& ref : pieces) {
    if (IsLost(ref)) continue;
    Result<Judgement> judgement = Judgement::kUnreadable;
    if (LengthIsSound(ref)) {
      judgement = bench_.judge.Judge(ObjectType::kData, ref.pointer, plaintext);
    }
    if (!judgement) return std::move(judgement).error();
    if (*judgement == Judgement::kSound) {
      kept.Append(ref);
      continue;
    }
    changed = true;
    BlockMask blocks = ref.live;
    if (*judgement == Judgement::kUnreadable) {
      // The lost piece takes a place: where all are taken, one of the damaged ones gives up its
      // own.
      const bool is_room = lost != 0 || pieces.size() < kMaxPieces;
      Result<BlockMask> keep = BlockMask{0};
      if (is_room && LengthIsSound(ref)) keep = bench_.judge.BlocksToKeep(ref);
      if (!keep) return std::move(keep).error();
      blocks = *keep;
      NoteLost(key.offset, ref.live & ~blocks);
      lost |= ref.live & ~blocks;
    }
    if (blocks != 0) kept.Append(Copy(ref, blocks));
  }
  if (!changed) return false;
  if (lost != 0) kept.Append(LostPiece(lost));
  pieces = kept;
  return true;
}

PieceRef FileItems::Copy(const PieceRef& from, BlockMask blocks) {
  const auto copy = bench_.change.NewObject<CopiedPiece>(bench_.core, from, blocks);
  bench_.journal.NoteCopy();
  return {{copy->id(), {}, copy->PlaintextBytes()}, blocks, blocks};
}

void FileItems::Count(uint64_t region, BlockMask live) {
  blocks_ += CountBlocks(live);
  end_block_ = region * kRegionBlocks + (kRegionBlocks - std::countl_zero(live));
}

void FileItems::NoteLost(uint64_t region, BlockMask blocks) {
  for (BlockMask rest = blocks; rest != 0; rest &= rest - 1) {
    const uint64_t block = region * kRegionBlocks + std::countr_zero(rest);
    if (!lost_.empty() && lost_.back().to == block) {
      ++lost_.back().to;
    } else {
      lost_.push_back({block, block + 1});
    }
  }
}

Result<Step> FileItems::OnReserved(const Key& key, ByteView value) {
  const uint64_t count = value.size() == 8 ? GetBE<uint64_t>(value.data()) : 0;
  const bool fits = inode_ == nullptr || inode_->is_regular();
  const bool sound = count > 0 && count <= UINT64_MAX - key.offset && key.offset >= reserved_end_;
  if (!fits || !sound) return Drop(key, value, "a reservation that is not sound: removed");
  ++ranges_;
  reserved_end_ = key.offset + count;
  return Step::kNext;
}

Result<void> FileItems::Finish(InodeItem& inode, bool made_up) {
  const bool has_blocks = (inode.flags & kInlineData) == 0;
  if (has_blocks && end_block_ > BlocksOf(inode.size) && (inode.flags & kShrinking) == 0) {
    const uint64_t size = std::min<uint64_t>(end_block_ * kBlockBytes, kMaxFileSize);
    bench_.journal.Add(Action::kRepairInodes, number_,
                       "has data up to byte " + std::to_string(size) + ": its size was " +
                           std::to_string(inode.size) + ", and is that now");
    inode.size = size;
  }
  if (has_blocks) {
    if (auto given_up = GiveUpLostItems(inode, made_up); !given_up) return given_up;
  }
  ReportLost(inode);
  inode.blocks = blocks_;
  inode.reserved_blocks = 0;
  if (ranges_ > 0) {
    inode.flags |= kHasReserved;
    auto reserved = CountReserved(bench_.change.tree(), number_);
    if (!reserved) return std::move(reserved).error();
    inode.reserved_blocks = *reserved;
  }
  return {};
}

Result<void> FileItems::GiveUpLostItems(const InodeItem& inode, bool made_up) {
  // An inode that has all the blocks that it counts has lost none.
  if (!made_up && inode.blocks <= blocks_) return {};
  const uint64_t end =
      BlocksOf(inode.size) / kRegionBlocks + (BlocksOf(inode.size) % kRegionBlocks != 0 ? 1 : 0);
  const Key first(number_, ItemKind::kExtent, 0), last(number_, ItemKind::kExtent, end);
  for (const KeyRange& range : bench_.lost_items) {
    if (range.to <= first || range.from >= last) continue;
    const uint64_t from = range.from <= first ? 0 : range.from.offset;
    const uint64_t to = range.to >= last ? end : range.to.offset;
    if (auto given_up = GiveUpRegions(inode, from, to); !given_up) return given_up;
  }
  return {};
}

Result<void> FileItems::GiveUpRegions(const InodeItem& inode, uint64_t from, uint64_t to) {
  const uint64_t file_end = BlocksOf(inode.size);
  uint64_t given_up = 0;
  for (uint64_t region = from; region < to; ++region) {
    const Key key(number_, ItemKind::kExtent, region);
    auto item = bench_.change.Find(key);
    if (item) continue;
    if (item.error().code != ErrorCode::kNotFound) return std::move(item).error();
    if (++given_up > kMostLostRegions) {
      bench_.journal.Add(Action::kGiveUpData, number_,
                         "what was written from byte " + std::to_string(region * kRegionBytes) +
                             " to " + std::to_string(to * kRegionBytes) +
                             " may be lost, and READS AS ZEROS: too much to be marked");
      return {};
    }
    const BlockMask blocks = MaskWithin(region, 0, file_end);
    Pieces lost;
    lost.Append(LostPiece(blocks));
    if (auto put = bench_.change.Put(key, EncodePieces(lost).view()); !put) return put;
    blocks_ += CountBlocks(blocks);
    NoteLost(region, blocks);
  }
  return {};
}

void FileItems::ReportLost(const InodeItem& inode) {
  if (lost_.empty()) return;
  uint64_t bytes = 0;
  for (size_t i = 0; i < lost_.size(); ++i) {
    const uint64_t from = lost_[i].from * kBlockBytes;
    const uint64_t to = std::min(lost_[i].to * kBlockBytes, std::max(inode.size, from));
    bytes += to - from;
    if (i >= kMostRangesNamed) continue;
    bench_.journal.Add(Action::kGiveUpData, number_,
                       BytesText(from, to) + " are lost: reading them is an error from now on");
  }
  if (lost_.size() > kMostRangesNamed) {
    bench_.journal.Add(Action::kGiveUpData, number_,
                       std::to_string(lost_.size()) + " parts of it are lost, " +
                           std::to_string(bytes) + " bytes in all");
  }
}

}  // namespace chainfs::fs::repair

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/file_check.h"

#include <algorithm>

#include "fs/file/block_range.h"

namespace chainfs::fs::check {

void FileCheck::Begin(InodeNumber number, const InodeItem* inode) {
  number_ = number;
  inode_ = inode;
  extents_ = blocks_ = blocks_past_end_ = 0;
  ranges_ = reserved_ = reserved_end_ = 0;
  reserved_is_known_ = true;
  second_look_.reset();
}

std::optional<Pieces> FileCheck::OnExtent(const Key& key, ByteView value) {
  ++extents_;
  auto pieces = DecodePieces(value);
  const bool fits = key.offset <= kMaxFileSize / kRegionBytes;
  if (!pieces || pieces->size() == 0 || !fits) {
    Finding finding = MakeFinding(FindingKind::kBadItem, "an EXTENT item is malformed");
    finding.inode = number_;
    if (fits) {
      const uint64_t begin = key.offset * kRegionBytes;
      const uint64_t size = inode_ != nullptr ? inode_->size : UINT64_MAX;
      if (begin < size) finding.bytes = {begin, std::min(begin + kRegionBytes, size)};
    }
    run_.findings.Add(std::move(finding));
    return std::nullopt;
  }
  const BlockMask live = pieces->live();
  blocks_ += CountBlocks(live);
  if (inode_ != nullptr) CheckEnd(*inode_, key.offset, live);
  return pieces;
}

void FileCheck::CheckEnd(const InodeItem& inode, uint64_t region, BlockMask live) {
  const uint64_t end = BlocksOf(inode.size);
  blocks_past_end_ += CountBlocks(live & ~MaskWithin(region, 0, end));
}

void FileCheck::OnReserved(const Key& key, ByteView value) {
  ++ranges_;
  const uint64_t from = key.offset;
  const uint64_t count = value.size() == 8 ? GetBE<uint64_t>(value.data()) : 0;
  if (count == 0 || count > UINT64_MAX - from) {
    reserved_is_known_ = false;
    return Report(FindingKind::kBadItem, "a RESERVED item is malformed");
  }
  if (from < reserved_end_) {
    reserved_is_known_ = false;
    return Report(FindingKind::kBadItem, "blocks are reserved twice");
  }
  reserved_end_ = from + count;
  const auto live = CountLive(from, from + count);
  if (live) reserved_ += count - *live;
  reserved_is_known_ = reserved_is_known_ && live;
}

std::optional<uint64_t> FileCheck::CountLive(uint64_t from, uint64_t to) {
  if (!second_look_) {
    auto cursor = run_.tree.Seek(Key(number_, ItemKind::kExtent, RegionOf(from)));
    if (!cursor) return std::nullopt;
    second_look_ = std::move(*cursor);
  }
  uint64_t live = 0;
  while (second_look_->IsAt(number_, ItemKind::kExtent)) {
    const uint64_t region = second_look_->key().offset;
    if (region > RegionOf(to - 1)) break;
    const auto pieces = DecodePieces(second_look_->value());
    if (!pieces) return std::nullopt;
    live += CountBlocks(pieces->live() & MaskWithin(region, from, to));
    if (region == RegionOf(to)) break;  // the next range may begin in it
    if (auto next = second_look_->Next(); !next) return std::nullopt;
  }
  return live;
}

void FileCheck::Finish(const InodeItem& inode, bool complete) {
  all_blocks_ += blocks_;
  all_reserved_ += reserved_;
  if (extents_ + ranges_ > 0 && !inode.is_regular()) {
    return Report(FindingKind::kBadItem, "is no regular file, but has file data");
  }
  if (!complete) return;
  const bool is_inline = (inode.flags & kInlineData) != 0;
  if (is_inline && extents_ > 0) {
    Report(FindingKind::kBadSize, "holds its data itself, but has blocks");
  }
  if (inode.blocks != blocks_) {
    Report(FindingKind::kBadSize, "says that it has " + std::to_string(inode.blocks) +
                                      " blocks, but it has " + std::to_string(blocks_));
  }
  if (blocks_past_end_ > 0 && (inode.flags & kShrinking) == 0) {
    Report(FindingKind::kBadSize,
           std::to_string(blocks_past_end_) + " blocks lie past the end of the file");
  }
  if (!inode.is_regular()) return;
  if (ranges_ > 0 && (inode.flags & kHasReserved) == 0) {
    Report(FindingKind::kBadItem, "blocks are reserved, but the inode does not say so");
  }
  if (reserved_is_known_ && inode.reserved_blocks != reserved_) {
    Report(FindingKind::kBadSize, "says that " + std::to_string(inode.reserved_blocks) +
                                      " blocks are reserved, but " + std::to_string(reserved_) +
                                      " are");
  }
}

void FileCheck::Report(FindingKind kind, const std::string& what) {
  run_.findings.Add(kind, number_, what);
}

}  // namespace chainfs::fs::check

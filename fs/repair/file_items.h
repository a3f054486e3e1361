// SPDX-License-Identifier: GPL-3.0-or-later
// The EXTENT and RESERVED items of one inode after another. What cannot be read is given up, block
// by block, and never reads as zeros. One thread.
#pragma once

#include "fs/file/extent_codec.h"
#include "fs/repair/item_walk.h"
#include "fs/repair/workbench.h"

namespace chainfs::fs::repair {

class FileItems {
 public:
  explicit FileItems(Workbench& bench) : bench_(bench) {}

  // `inode`: null, or valid until Finish: what the next items say has to fit it.
  void Begin(InodeNumber number, const InodeItem* inode);
  Result<Step> OnExtent(const Key& key, ByteView value);
  Result<Step> OnReserved(const Key& key, ByteView value);
  bool any() const { return extents_ + ranges_ > 0; }

  // Sets what the inode says of its data right. `made_up`: it says nothing yet.
  // REQUIRES: a regular file.
  Result<void> Finish(InodeItem& inode, bool made_up);

 private:
  Result<Step> Drop(const Key& key, ByteView value, const char* why);
  // The item becomes one that says: all of this is lost. Nothing if the file ends before it.
  Result<Step> GiveUpItem(const Key& key, ByteView value);
  Result<bool> JudgePieces(const Key& key, Pieces& pieces);  // true: they have changed
  // Makes these blocks of a piece a piece of their own.
  PieceRef Copy(const PieceRef& from, BlockMask blocks);
  void Count(uint64_t region, BlockMask live);
  void NoteLost(uint64_t region, BlockMask blocks);
  void ReportLost(const InodeItem& inode);
  // Blocks of the file whose EXTENT items may have been lost become lost pieces.
  Result<void> GiveUpLostItems(const InodeItem& inode, bool made_up);
  Result<void> GiveUpRegions(const InodeItem& inode, uint64_t from, uint64_t to);

  Workbench& bench_;
  InodeNumber number_;
  const InodeItem* inode_ = nullptr;
  uint64_t extents_ = 0, ranges_ = 0;
  uint64_t blocks_ = 0, end_block_ = 0, reserved_end_ = 0;
  struct Range {
    uint64_t from, to;  // blocks
  };
  std::vector<Range> lost_;  // given up by this repair
};

}  // namespace chainfs::fs::repair

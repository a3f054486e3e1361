// SPDX-License-Identifier: GPL-3.0-or-later
// The blocks of one inode after another: extents and reservations are sound and agree with the
// inode's size, counts and flags. What the pieces hold is somebody else's to see.
//
// Streaming: the blocks that are reserved and not live are counted with a second look at the
// extents, for files with reservations only. One thread at a time.
#pragma once

#include <optional>

#include "fs/check/structure/structure_run.h"
#include "fs/file/extent_codec.h"
#include "fs/inode_item.h"

namespace chainfs::fs::check {

class FileCheck {
 public:
  explicit FileCheck(StructureRun& run) : run_(run) {}

  // `inode`: null if it is not known.
  void Begin(InodeNumber number, const InodeItem* inode);
  // nullopt: unsound, and reported.
  std::optional<Pieces> OnExtent(const Key& key, ByteView value);
  void OnReserved(const Key& key, ByteView value);
  // `complete`: nothing of the file is lost.
  void Finish(const InodeItem& inode, bool complete);

  // Of all files.
  uint64_t all_blocks() const { return all_blocks_; }
  uint64_t all_reserved() const { return all_reserved_; }  // blocks, not live

 private:
  void CheckEnd(const InodeItem& inode, uint64_t region, BlockMask live);
  // The live blocks of [from, to); ranges must ascend. nullopt: cannot be read.
  std::optional<uint64_t> CountLive(uint64_t from, uint64_t to);
  void Report(FindingKind kind, const std::string& what);

  StructureRun& run_;
  InodeNumber number_;
  const InodeItem* inode_ = nullptr;
  uint64_t extents_ = 0, blocks_ = 0, blocks_past_end_ = 0;
  uint64_t ranges_ = 0, reserved_ = 0, reserved_end_ = 0;
  bool reserved_is_known_ = true;
  std::optional<Cursor> second_look_;
  uint64_t all_blocks_ = 0, all_reserved_ = 0;
};

}  // namespace chainfs::fs::check

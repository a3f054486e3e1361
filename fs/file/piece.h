// SPDX-License-Identifier: GPL-3.0-or-later
// A piece in memory that has no sealed blob yet: some blocks of one region of a file.
#pragma once

#include "fs/commit/pending_object.h"
#include "fs/file/block_pool.h"
#include "fs/file/extent_codec.h"

namespace chainfs::fs {

// One block with its content. Bytes from `bytes` on are zero, in memory too.
struct Block {
  BlockRef data;
  uint32_t bytes = 0;  // 1..kBlockBytes
};

// Blocks are replaced whole, never written into: who holds the file's inode lock may read a block
// without the tree lock. Threads otherwise: see PendingObject.
class Piece final : public PendingObject {
 public:
  Piece(ObjectId id, uint64_t generation) : PendingObject(ObjectType::kData, id, generation) {}

  BlockMask stored() const { return stored_; }
  const uint8_t* block(size_t i) const { return blocks_[i].data.get(); }
  void SetBlock(size_t i, Block block) {
    blocks_[i] = std::move(block);
    stored_ |= BlockBit(i);
  }
  void DropBlock(size_t i) {
    blocks_[i] = {};
    stored_ &= ~BlockBit(i);
  }

  uint32_t PlaintextBytes() const override;
  void Gather(std::vector<ByteView>& parts, Bytes& scratch) const override;

 private:
  BlockMask stored_ = 0;
  std::array<Block, kRegionBlocks> blocks_;
};

}  // namespace chainfs::fs

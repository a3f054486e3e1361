// SPDX-License-Identifier: GPL-3.0-or-later
// 4 KiB buffers for file data on its way to a commit, from memory that is set aside and locked
// beforehand, so that writing back through our own mount cannot need memory that only we can free.
// When the pool is empty, blocks come from the heap: running short slows down, it does not fail.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "fs/types.h"

namespace chainfs::fs {

class BlockPool;

struct BlockDeleter {
  BlockPool* pool = nullptr;
  void operator()(uint8_t* block) const;
};
using BlockRef = std::unique_ptr<uint8_t[], BlockDeleter>;  // kBlockBytes

// Thread-safe. Must outlive its blocks.
class BlockPool {
 public:
  explicit BlockPool(size_t capacity_bytes);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool();

  BlockRef Allocate();  // content is undefined

 private:
  friend struct BlockDeleter;
  void Release(uint8_t* block);
  bool Owns(const uint8_t* block) const { return block >= base_ && block < base_ + size_; }

  uint8_t* base_ = nullptr;
  size_t size_ = 0;
  std::mutex mutex_;
  size_t untouched_ = 0;        // blocks [untouched_, end) have never been handed out
  std::vector<uint8_t*> free_;  // handed out before and returned
};

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/block_pool.h"

#include <sys/mman.h>

namespace chainfs::fs {

void BlockDeleter::operator()(uint8_t* block) const { pool->Release(block); }

BlockPool::BlockPool(size_t capacity_bytes) {
  const size_t size = capacity_bytes / kBlockBytes * kBlockBytes;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;  // then every block comes from the heap
  base_ = static_cast<uint8_t*>(memory);
  size_ = size;
  // Plaintext: not into core dumps; and locked as it is first used, where the limit allows.
  madvise(base_, size_, MADV_DONTDUMP);
  mlock2(base_, size_, MLOCK_ONFAULT);
  free_.reserve(size_ / kBlockBytes);
}

BlockPool::~BlockPool() {
  if (base_ != nullptr) munmap(base_, size_);
}

BlockRef BlockPool::Allocate() {
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      uint8_t* block = free_.back();
      free_.pop_back();
      return BlockRef(block, BlockDeleter{this});
    }
    if (untouched_ < size_) {
      uint8_t* block = base_ + untouched_;
      untouched_ += kBlockBytes;
      return BlockRef(block, BlockDeleter{this});
    }
  }
  return BlockRef(new uint8_t[kBlockBytes], BlockDeleter{this});
}

void BlockPool::Release(uint8_t* block) {
  if (!Owns(block)) {
    delete[] block;
    return;
  }
  std::lock_guard lock(mutex_);
  free_.push_back(block);
}

}  // namespace chainfs::fs

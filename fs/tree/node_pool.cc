// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/tree/node_pool.h"

#include <sys/mman.h>

#include <cassert>
#include <mutex>
#include <new>

namespace chainfs::fs {
namespace {

constexpr size_t kSlabBytes = 1 << 20;
constexpr size_t kAlignment = 64;

struct FreeBlock {
  FreeBlock* next;
};

struct Pool {
  std::mutex mutex;
  size_t block_bytes = 0;
  FreeBlock* free = nullptr;
};

Pool& ThePool() {
  static Pool* pool = new Pool;  // never destroyed: nodes may outlive static destruction
  return *pool;
}

// REQUIRES: the pool's mutex held.
void AddSlab(Pool& pool) {
  void* slab =
      mmap(nullptr, kSlabBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (slab == MAP_FAILED) throw std::bad_alloc();
  madvise(slab, kSlabBytes, MADV_DONTDUMP);  // names and attributes in the clear
  auto* bytes = static_cast<std::byte*>(slab);
  for (size_t at = 0; at + pool.block_bytes <= kSlabBytes; at += pool.block_bytes) {
    auto* block = reinterpret_cast<FreeBlock*>(bytes + at);
    block->next = pool.free;
    pool.free = block;
  }
}

}  // namespace

void* AllocateNodeMemory(size_t bytes) {
  Pool& pool = ThePool();
  std::lock_guard lock(pool.mutex);
  if (pool.block_bytes == 0) pool.block_bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  assert(bytes <= pool.block_bytes);
  if (pool.free == nullptr) AddSlab(pool);
  FreeBlock* block = pool.free;
  pool.free = block->next;
  return block;
}

void FreeNodeMemory(void* memory) {
  Pool& pool = ThePool();
  std::lock_guard lock(pool.mutex);
  auto* block = static_cast<FreeBlock*>(memory);
  block->next = pool.free;
  pool.free = block;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Memory for nodes. They are all of one size and live for very different times, which fragments a
// general heap to twice what is in use; slabs that only ever hold nodes cannot fragment.
#pragma once

#include <cstddef>
#include <memory>

namespace chainfs::fs {

// Blocks of one size (that of the first request) from memory that is kept for the process's life.
// Thread-safe.
void* AllocateNodeMemory(size_t bytes);
void FreeNodeMemory(void* memory);

// For std::allocate_shared: one allocation holds the node and its reference counts.
template <class T>
struct NodeAllocator {
  using value_type = T;
  NodeAllocator() = default;
  template <class U>
  NodeAllocator(const NodeAllocator<U>&) {}
  T* allocate(size_t) { return static_cast<T*>(AllocateNodeMemory(sizeof(T))); }
  void deallocate(T* memory, size_t) { FreeNodeMemory(memory); }
  template <class U>
  bool operator==(const NodeAllocator<U>&) const {
    return true;
  }
};

}  // namespace chainfs::fs

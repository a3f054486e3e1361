// SPDX-License-Identifier: GPL-3.0-or-later
// Writes that came out of the kernel's cache and had no room. Their write(2) has succeeded long
// ago, and the kernel would go on to take more into its cache for ever: only fsync and close would
// tell. So the next write(2) to that file fails, once. What makes that possible: where the
// attributes of a file are not valid, each write(2) asks for them first, through its open file;
// with a writeback cache practically nothing else asks through an open file.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace chainfs::fs::fuse {

class RefusedWrites {
 public:
  void Note(uint64_t inode, size_t size_bytes) {
    std::lock_guard lock(mutex_);
    if (sizes_.size() >= kMost) sizes_.clear();  // they learn of it as they did before
    sizes_[inode] = size_bytes;
    any_ = true;
  }
  // How much there was no room for; forgets it. nullopt: nothing was refused.
  std::optional<size_t> Take(uint64_t inode) {
    if (!any_) return std::nullopt;
    std::lock_guard lock(mutex_);
    const auto found = sizes_.find(inode);
    if (found == sizes_.end()) return std::nullopt;
    const size_t size = found->second;
    sizes_.erase(found);
    any_ = !sizes_.empty();
    return size;
  }

 private:
  static constexpr size_t kMost = 1024;
  std::mutex mutex_;
  std::atomic<bool> any_ = false;
  std::unordered_map<uint64_t, size_t> sizes_;  // by inode
};

}  // namespace chainfs::fs::fuse

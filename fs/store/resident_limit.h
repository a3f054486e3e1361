// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the resident part of the map small. What LMDB reads through the map stays mapped and counts
// as the process's memory, although it is only the page cache: after a 20 GB file has been read,
// the daemon would seem to hold 20 GB. So every so often the pages are unmapped; the page cache
// keeps them, and touching one again costs a minor fault. Internal to fs/store.
#pragma once

#include <atomic>
#include <cstddef>

#include "fs/store/environment.h"

namespace chainfs::fs::store {

// Thread-safe: unmapping a clean page under a reader is harmless.
class ResidentLimit {
 public:
  explicit ResidentLimit(const Environment& environment) : environment_(environment) {}
  // Says that a value of so many bytes is about to be read.
  void Note(size_t bytes) {
    // The kernel maps 64 KiB around a page that is touched, and more where the page cache has it in
    // larger pieces: this only says when it is worth looking.
    Add(bytes + kFaultBytes);
  }
  // The same of one of many that lie side by side, in pages that may be half empty.
  void NoteInOrder(size_t bytes) { Add(2 * bytes); }
  // Unmaps if too much is mapped. After each commit, and when enough has been noted.
  void Look();

 private:
  static constexpr size_t kFaultBytes = 64 << 10;
  static constexpr size_t kLookBytes = 8 << 20;
  static constexpr size_t kLimitBytes = 40 << 20;
  void Add(size_t bytes) {
    if (noted_.fetch_add(bytes, std::memory_order_relaxed) > kLookBytes) Look();
  }

  const Environment& environment_;
  std::atomic<size_t> noted_{0};
};

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps enough of the disk that a commit never runs out of space: a full disk shows at write or
// fsync, and removing files still works. Space past the end of the data file is held by
// fallocate; pages that LMDB can reuse count too, at a discount for fragmentation.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "fs/store/store.h"

namespace chainfs::fs {

// Thread-safe; Refresh is the commit thread's.
class SpaceBudget {
 public:
  SpaceBudget(store::Store& store, size_t dirty_limit_bytes);

  // Holds what the next commits need and takes stock. Call at open and after each commit.
  void Refresh(uint64_t graveyard_bytes);

  // What fallocate has promised to files and they have not written yet.
  void SetPromised(uint64_t bytes) { promised_ = bytes; }

  // May an operation let what is still to be committed grow to `dirty_bytes`? What it adds is new,
  // or has been promised to the file.
  bool HasRoomToGrow(size_t dirty_bytes, bool promised) const;
  bool HasRoomToShrink(size_t dirty_bytes) const;
  // The disk is nearly full: reap the graveyard early.
  bool UnderPressure() const;
  // So many free pages wait for one more transaction to become usable that it is worth one. (It
  // frees a few itself.)
  bool HasAgingPages() const { return aging_.load() >= kWorthAging; }
  static constexpr uint64_t kWorthAging = 256 << 10;  // bytes
  uint64_t room() const { return room_.load(); }
  // The dirty limit, smaller on a small filesystem.
  size_t dirty_limit() const { return dirty_limit_; }
  // What statfs shows as free, in bytes: the graveyard counts, since it is reaped before anybody
  // is refused; what is promised does not.
  uint64_t FreeForUser() const;
  uint64_t total_bytes() const { return total_.load(); }

 private:
  store::Store& store_;
  size_t dirty_limit_;
  uint64_t delete_reserve_;        // bytes that only deletes may use
  std::atomic<uint64_t> room_{0};  // held and reusable
  std::atomic<uint64_t> aging_{0};
  std::atomic<uint64_t> graveyard_{0};
  std::atomic<uint64_t> promised_{0};
  std::atomic<uint64_t> disk_free_{0};  // beyond that
  std::atomic<uint64_t> total_{0};
};

}  // namespace chainfs::fs

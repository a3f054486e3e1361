// SPDX-License-Identifier: GPL-3.0-or-later
// The size that the owner of a volume allows it, and how much of that is used: the sealed bytes of
// all objects that are in the tree, and what fallocate has promised to files. What is dead counts
// no more, although it lies in the store for a while: a limit must not depend on when it is reaped.
//
// What removes or shortens is never asked, so that a full volume can be emptied; a reserve keeps
// what it takes on the way (nodes that it clones) within the limit, too.
//
// Thread-safe. Set and the Note functions are called with the tree lock held exclusively; so who
// holds it, shared or not, sees numbers that go together.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace chainfs::fs {

constexpr uint64_t kMinSizeLimit = 1 << 20;
constexpr uint64_t kMaxSizeLimit = 0x7fffffffffffffffULL;

class SizeLimit {
 public:
  // nullopt: the disk is the only limit. One below what is used lets nothing more in.
  void Set(std::optional<uint64_t> bytes) { limit_ = bytes.value_or(kNone); }
  std::optional<uint64_t> bytes() const {
    const uint64_t limit = limit_.load();
    return limit == kNone ? std::nullopt : std::optional(limit);
  }

  // By how much the open generation, as it is now, makes the volume grow (or shrink).
  void NoteOpen(int64_t growth_bytes, uint64_t promised_bytes) {
    open_ = growth_bytes;
    promised_ = promised_bytes;
  }
  // The open generation is frozen; the next one is empty.
  void NoteFrozen() { frozen_ = open_.exchange(0); }
  // Nothing is frozen any more, and so many sealed bytes are in the tree.
  void NoteCommitted(uint64_t live_bytes) {
    live_ = static_cast<int64_t>(live_bytes);
    frozen_ = 0;
  }

  uint64_t used() const { return InTree() + promised_.load(); }
  // May an operation add so much file data? `promised`: it has been counted already.
  bool HasRoomFor(uint64_t data_bytes, bool promised) const;
  // Of file data, so much fits. REQUIRES: there is a limit.
  uint64_t FreeForData() const;

 private:
  static constexpr uint64_t kNone = ~uint64_t{0};
  static constexpr uint64_t kReserve = 128 << 10;  // for nodes
  uint64_t InTree() const {
    return static_cast<uint64_t>(std::max<int64_t>(live_ + frozen_ + open_, 0));
  }

  std::atomic<uint64_t> limit_{kNone};
  std::atomic<int64_t> live_{0}, frozen_{0}, open_{0};
  std::atomic<uint64_t> promised_{0};
};

}  // namespace chainfs::fs

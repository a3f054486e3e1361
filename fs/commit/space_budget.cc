// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/space_budget.h"

#include <algorithm>

namespace chainfs::fs {
namespace {

constexpr uint64_t kMiB = 1 << 20;

// Bytes that a commit of so many dirty bytes may write: the dirty count has each object's own
// overhead in it, so this is tables, free list and copied index pages.
uint64_t DiskBytesFor(uint64_t dirty_bytes) { return dirty_bytes + dirty_bytes / 8 + kMiB; }

}  // namespace

SpaceBudget::SpaceBudget(store::Store& store, size_t dirty_limit_bytes) : store_(store) {
  const uint64_t total = store.Space().filesystem_total;
  dirty_limit_ = std::max<size_t>(std::min<uint64_t>(dirty_limit_bytes, total / 16), kMiB);
  delete_reserve_ = std::clamp<uint64_t>(total / 64, 2 * kMiB, 32 * kMiB);
}

void SpaceBudget::Refresh(uint64_t graveyard_bytes) {
  graveyard_ = graveyard_bytes;
  const uint64_t held = store_.Reserve(DiskBytesFor(2 * dirty_limit_) + delete_reserve_);
  const store::SpaceInfo space = store_.Space();
  // A free page may be the wrong one: an object of 128 KiB needs 33 in a row.
  room_ = held + (space.free_page_bytes - space.aging_page_bytes) / 4 * 3;
  aging_ = space.aging_page_bytes;
  disk_free_ = space.filesystem_free;
  total_ = space.filesystem_total;
}

bool SpaceBudget::HasRoomToGrow(size_t dirty_bytes, bool promised) const {
  const uint64_t needed = DiskBytesFor(dirty_bytes) + delete_reserve_;
  const uint64_t kept = promised ? 0 : DiskBytesFor(promised_.load());
  return needed <= room_.load() && needed + kept <= room_.load() + disk_free_.load();
}

bool SpaceBudget::HasRoomToShrink(size_t dirty_bytes) const {
  return DiskBytesFor(dirty_bytes) <= room_.load();
}

bool SpaceBudget::UnderPressure() const {
  return room_.load() + disk_free_.load() < DiskBytesFor(2 * dirty_limit_) + 2 * delete_reserve_;
}

uint64_t SpaceBudget::FreeForUser() const {
  const uint64_t all = room_.load() + disk_free_.load() + graveyard_.load();
  const uint64_t kept = delete_reserve_ + kMiB + DiskBytesFor(promised_.load());
  return all > kept ? (all - kept) / 9 * 8 : 0;
}

}  // namespace chainfs::fs

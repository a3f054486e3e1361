// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/lookup_counts.h"

#include <algorithm>
#include <bit>

namespace chainfs::fs {
namespace {
constexpr size_t kFirstCapacity = 64;  // capacities are powers of two
}

size_t LookupCounts::Home(uint64_t inode, size_t capacity) {
  // Numbers are dense, and those of one shard differ by multiples of kShards: take the high bits
  // of a product, where every bit of the number shows.
  const uint64_t spread = inode * 0x9e3779b97f4a7c15ULL;
  return static_cast<size_t>(spread >> (64 - std::countr_zero(capacity)));
}

size_t LookupCounts::SlotOf(const Shard& shard, uint64_t inode) {
  const size_t capacity = shard.slots.size();
  size_t at = Home(inode, capacity);
  while (shard.slots[at].inode != 0 && shard.slots[at].inode != inode) at = (at + 1) % capacity;
  return at;
}

LookupCounts::Slot* LookupCounts::Find(Shard& shard, uint64_t inode) {
  if (shard.slots.empty()) return nullptr;
  Slot& slot = shard.slots[SlotOf(shard, inode)];
  return slot.inode == inode ? &slot : nullptr;
}

void LookupCounts::Resize(Shard& shard, size_t capacity) {
  std::vector<Slot> old(capacity);
  old.swap(shard.slots);
  for (const Slot& slot : old) {
    if (slot.inode != 0) shard.slots[SlotOf(shard, slot.inode)] = slot;
  }
}

void LookupCounts::EraseAt(Shard& shard, size_t at) {
  const size_t capacity = shard.slots.size();
  size_t hole = at;
  // Whoever was pushed past the hole moves back into it, unless its home lies behind the hole.
  for (size_t next = (hole + 1) % capacity; shard.slots[next].inode != 0;
       next = (next + 1) % capacity) {
    const size_t home = Home(shard.slots[next].inode, capacity);
    if ((next - home) % capacity < (next - hole) % capacity) continue;
    shard.slots[hole] = shard.slots[next];
    hole = next;
  }
  shard.slots[hole] = {};
  --shard.used;
}

void LookupCounts::Retain(InodeNumber inode, uint64_t count) {
  if (inode.value == 0 || count == 0) return;
  Shard& shard = ShardOf(inode);
  std::lock_guard lock(shard.mutex);
  if (4 * (shard.used + 1) > 3 * shard.slots.size()) {
    Resize(shard, std::max(kFirstCapacity, 2 * shard.slots.size()));
  }
  Slot& slot = shard.slots[SlotOf(shard, inode.value)];
  if (slot.inode == 0) {
    slot.inode = inode.value;
    ++shard.used;
  }
  slot.count += count;
}

LookupCounts::Released LookupCounts::Release(InodeNumber inode, uint64_t count) {
  Shard& shard = ShardOf(inode);
  std::lock_guard lock(shard.mutex);
  Slot* slot = Find(shard, inode.value);
  if (slot == nullptr) return Released::kNotLast;
  if (count < (slot->count & ~kOrphanBit)) {
    slot->count -= count;
    return Released::kNotLast;
  }
  const bool orphan = (slot->count & kOrphanBit) != 0;
  EraseAt(shard, static_cast<size_t>(slot - shard.slots.data()));
  // Millions may come and go: give the memory back, in steps far from the next growth.
  const size_t capacity = shard.slots.size();
  if (capacity > kFirstCapacity && 8 * shard.used < capacity) Resize(shard, capacity / 2);
  return orphan ? Released::kLastOfOrphan : Released::kLast;
}

bool LookupCounts::IsHeld(InodeNumber inode) const {
  const Shard& shard = ShardOf(inode);
  std::lock_guard lock(shard.mutex);
  return !shard.slots.empty() && shard.slots[SlotOf(shard, inode.value)].inode == inode.value;
}

bool LookupCounts::MarkOrphan(InodeNumber inode) {
  Shard& shard = ShardOf(inode);
  std::lock_guard lock(shard.mutex);
  Slot* slot = Find(shard, inode.value);
  if (slot != nullptr) slot->count |= kOrphanBit;
  return slot != nullptr;
}

void LookupCounts::UnmarkOrphan(InodeNumber inode) {
  Shard& shard = ShardOf(inode);
  std::lock_guard lock(shard.mutex);
  if (Slot* slot = Find(shard, inode.value)) slot->count &= ~kOrphanBit;
}

uint64_t LookupCounts::inodes() const {
  uint64_t held = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    held += shard.used;
  }
  return held;
}

}  // namespace chainfs::fs

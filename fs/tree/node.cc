// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/tree/node.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace chainfs::fs {
namespace {
constexpr size_t kLengthBytes = 2;
constexpr size_t kInnerCellBytes = kKeyBytes + kPointerBytes;
constexpr int kMaxLevel = 16;
constexpr size_t kCountersEnd = 40;  // zeros from there to the slots
}  // namespace

Node::Node(ObjectId id, uint64_t generation, int level)
    : PendingObject(ObjectType::kNode, id, generation) {
  std::memset(page_, 0, sizeof(page_));
  page_[0] = static_cast<uint8_t>(level);
  SetHeapStart(kNodeBytes);
}

Node::Node(ObjectId id, uint64_t generation, const Node& from)
    : PendingObject(ObjectType::kNode, id, generation) {
  std::memcpy(page_, from.page_, sizeof(page_));
}

Node::Node(const Pointer& sealed) : PendingObject(ObjectType::kNode, sealed.id, 0) {
  pointer_ = sealed;
}

size_t Node::CellBytes(size_t i) const {
  if (!is_leaf()) return kInnerCellBytes;
  return kKeyBytes + kLengthBytes + GetBE<uint16_t>(Cell(i) + kKeyBytes);
}

bool Node::Validate() const {
  const size_t n = count();
  const size_t slots_end = kHeaderBytes + 2 * n;
  if (level() > kMaxLevel || slots_end > kNodeBytes || heap_start() < slots_end ||
      heap_start() > kNodeBytes || garbage() != 0 || (n == 0 && !is_leaf()) || page_[1] != 0 ||
      GetBE<uint64_t>(page_ + kCountersEnd) != 0) {
    return false;
  }
  // Each cell ends where the one before it begins, as CompactInto leaves them: so none overlap.
  size_t end = kNodeBytes;
  for (size_t i = 0; i < n; ++i) {
    const size_t at = SlotAt(i);
    const size_t fixed = is_leaf() ? kKeyBytes + kLengthBytes : kInnerCellBytes;
    if (at < heap_start() || at + fixed > end) return false;
    const size_t cell = CellBytes(i);
    if (at + cell != end || cell > kKeyBytes + kLengthBytes + kMaxValueBytes) return false;
    if (i > 0 && !(KeyAt(i - 1) < KeyAt(i))) return false;
    end = at;
  }
  return end == heap_start() &&
         std::all_of(page_ + slots_end, page_ + end, [](uint8_t unused) { return unused == 0; });
}

size_t Node::LowerBound(const Key& key) const {
  size_t low = 0, high = count();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (KeyAt(middle) < key)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

size_t Node::ChildFor(const Key& key) const {
  const size_t i = LowerBound(key);
  if (i < count() && KeyAt(i) == key) return i;
  return i == 0 ? 0 : i - 1;
}

ByteView Node::ValueAt(size_t i) const {
  const uint8_t* cell = Cell(i);
  return {cell + kKeyBytes + kLengthBytes, GetBE<uint16_t>(cell + kKeyBytes)};
}

MutableByteView Node::MutableValueAt(size_t i) {
  uint8_t* cell = MutableCell(i);
  return {cell + kKeyBytes + kLengthBytes, GetBE<uint16_t>(cell + kKeyBytes)};
}

uint8_t* Node::InsertCell(size_t i, size_t bytes) {
  const size_t n = count();
  const size_t slots_end = kHeaderBytes + 2 * n;
  if (heap_start() - slots_end < bytes + 2) {
    if (heap_start() + garbage() - slots_end < bytes + 2) return nullptr;
    uint8_t compact[kNodeBytes];
    CompactInto(compact);
    std::memcpy(page_, compact, kNodeBytes);
  }
  const size_t at = heap_start() - bytes;
  uint8_t* slot = page_ + kHeaderBytes + 2 * i;
  std::memmove(slot + 2, slot, 2 * (n - i));
  PutBE(slot, static_cast<uint16_t>(at));
  SetCount(n + 1);
  SetHeapStart(at);
  return page_ + at;
}

bool Node::InsertItem(size_t i, const Key& key, ByteView value) {
  assert(is_leaf() && value.size() <= kMaxValueBytes);
  uint8_t* cell = InsertCell(i, kKeyBytes + kLengthBytes + value.size());
  if (cell == nullptr) return false;
  PutKey(cell, key);
  PutBE(cell + kKeyBytes, static_cast<uint16_t>(value.size()));
  if (!value.empty()) {
    std::memcpy(cell + kKeyBytes + kLengthBytes, value.data(), value.size());
  }
  return true;
}

bool Node::ReplaceValue(size_t i, ByteView value) {
  MutableByteView old = MutableValueAt(i);
  if (old.size() == value.size()) {
    if (!value.empty()) std::memcpy(old.data(), value.data(), value.size());
    return true;
  }
  if (UsedBytes() - old.size() + value.size() > kCapacity) return false;
  const Key key = KeyAt(i);
  EraseAt(i);
  const bool inserted = InsertItem(i, key, value);
  assert(inserted);
  return inserted;
}

bool Node::InsertChild(size_t i, const Key& key, const Pointer& child) {
  assert(!is_leaf());
  uint8_t* cell = InsertCell(i, kInnerCellBytes);
  if (cell == nullptr) return false;
  PutKey(cell, key);
  PutPointer(cell + kKeyBytes, child);
  return true;
}

void Node::EraseAt(size_t i) {
  const size_t n = count();
  SetGarbage(garbage() + CellBytes(i));
  uint8_t* slot = page_ + kHeaderBytes + 2 * i;
  std::memmove(slot, slot + 2, 2 * (n - i - 1));
  SetCount(n - 1);
}

size_t Node::UsedBytes() const { return 2 * count() + (kNodeBytes - heap_start()) - garbage(); }

void Node::MoveTailTo(Node& right, size_t from) {
  const size_t n = count();
  for (size_t i = from; i < n; ++i) {
    const size_t bytes = CellBytes(i);
    uint8_t* cell = right.InsertCell(right.count(), bytes);
    assert(cell != nullptr);
    std::memcpy(cell, Cell(i), bytes);
    SetGarbage(garbage() + bytes);
  }
  SetCount(from);
}

size_t Node::MiddleByBytes() const {
  const size_t half = UsedBytes() / 2;
  size_t sum = 0;
  for (size_t i = 0; i < count(); ++i) {
    sum += CellBytes(i) + 2;
    if (sum >= half) return i + 1 < count() ? i + 1 : i;
  }
  return count() / 2;
}

RootCounters Node::counters() const {
  return {GetBE<uint64_t>(page_ + 8), GetBE<uint64_t>(page_ + 16), GetBE<uint64_t>(page_ + 24),
          GetBE<uint64_t>(page_ + 32)};
}

void Node::SetCounters(const RootCounters& counters) {
  PutBE(page_ + 8, counters.next_inode);
  PutBE(page_ + 16, counters.inodes);
  PutBE(page_ + 24, counters.reserved_bytes);
  PutBE(page_ + 32, counters.data_blocks);
}

void Node::CompactInto(uint8_t* out) const {
  const size_t n = count();
  std::memcpy(out, page_, kHeaderBytes);
  size_t at = kNodeBytes;
  for (size_t i = 0; i < n; ++i) {
    const size_t bytes = CellBytes(i);
    at -= bytes;
    std::memcpy(out + at, Cell(i), bytes);
    PutBE(out + kHeaderBytes + 2 * i, static_cast<uint16_t>(at));
  }
  std::memset(out + kHeaderBytes + 2 * n, 0, at - kHeaderBytes - 2 * n);
  PutBE(out + 4, static_cast<uint16_t>(at));
  PutBE(out + 6, uint16_t{0});
}

void Node::Gather(std::vector<ByteView>& parts, Bytes& scratch) const {
  scratch.resize(kNodeBytes);
  CompactInto(scratch.data());
  parts.push_back(scratch);
}

}  // namespace chainfs::fs

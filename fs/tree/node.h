// SPDX-License-Identifier: GPL-3.0-or-later
// A node of the tree: a slotted page whose memory form is its plaintext on disk
// (docs/format-tree.md).
//
//   0        8                48          48+2n            heap_start                      8144
//   | header | root counters  | n slots   | free ...       | cells, newest first            |
//
//   header   level u8 (0: leaf), zero u8, count u16, heap_start u16, garbage u16
//   slot     u16 offset of a cell; slots are in key order
//   cell     leaf:  key 17 B, value length u16, value
//            inner: key 17 B, pointer 36 B (the child holds keys >= this one; the first child's
//                   key stands for "everything smaller, too")
//
// All integers big-endian. The size fills two LMDB overflow pages with the tag and page header:
// 2*4096 - 16 - 2*16. Garbage is the bytes of dead cells; sealing writes a compacted copy in which
// everything unused is zero, so a node has one canonical plaintext.
//
// Threads: see PendingObject.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "fs/commit/pending_object.h"
#include "fs/tree/key.h"

namespace chainfs::fs {

// Sealed, a node fills two pages of LMDB's to the last byte.
constexpr size_t kNodeBytes = 2 * 4096 - 16 - 2 * kTagBytes;
static_assert(SealedBytes(kNodeBytes) == 2 * 4096 - 16);
constexpr size_t kMaxValueBytes = 3072;  // two of the largest items always fit one leaf

// What lives with the root so that mount and statfs are O(1). Zero in every other node.
struct RootCounters {
  uint64_t next_inode = 0;
  uint64_t inodes = 0;          // in use
  uint64_t reserved_bytes = 0;  // by fallocate, not written yet
  uint64_t data_blocks = 0;     // live 4 KiB blocks of all files
};

class Node final : public PendingObject {
 public:
  // An empty node of the open generation.
  Node(ObjectId id, uint64_t generation, int level);
  // A copy of `from` in the open generation.
  Node(ObjectId id, uint64_t generation, const Node& from);
  // A buffer to open a sealed node into; Validate before use.
  explicit Node(const Pointer& sealed);
  MutableByteView plaintext() { return {page_, kNodeBytes}; }

  // True if every offset, length and key order is sound, and the form is the one that is sealed.
  // Nothing else may be called before.
  [[nodiscard]] bool Validate() const;

  int level() const { return page_[0]; }
  bool is_leaf() const { return level() == 0; }
  size_t count() const { return GetBE<uint16_t>(page_ + 2); }
  Key KeyAt(size_t i) const { return GetKey(Cell(i)); }
  // The first index whose key is >= `key`; count() if there is none.
  size_t LowerBound(const Key& key) const;

  // REQUIRES (value methods): is_leaf().
  ByteView ValueAt(size_t i) const;
  MutableByteView MutableValueAt(size_t i);
  // REQUIRES (child methods): !is_leaf().
  Pointer ChildAt(size_t i) const { return GetPointer(Cell(i) + kKeyBytes); }
  ObjectId ChildIdAt(size_t i) const { return ObjectId(GetBE<uint64_t>(Cell(i) + kKeyBytes)); }
  void SetChildAt(size_t i, const Pointer& p) { PutPointer(MutableCell(i) + kKeyBytes, p); }
  void SetKeyAt(size_t i, const Key& key) { PutKey(MutableCell(i), key); }
  // The child that holds `key`: the last whose key is <= `key`, or the first.
  size_t ChildFor(const Key& key) const;

  // False: no room, nothing changed. Cells are inserted before index i.
  [[nodiscard]] bool InsertItem(size_t i, const Key& key, ByteView value);
  [[nodiscard]] bool ReplaceValue(size_t i, ByteView value);
  [[nodiscard]] bool InsertChild(size_t i, const Key& key, const Pointer& child);
  void EraseAt(size_t i);

  // Bytes of cells and slots in use; at most kCapacity.
  static constexpr size_t kCapacity = kNodeBytes - 48;
  size_t UsedBytes() const;
  // Moves cells [from, count) to the empty end of `right`. REQUIRES: they fit.
  void MoveTailTo(Node& right, size_t from);
  // The index at which a split leaves both halves about equal in bytes.
  size_t MiddleByBytes() const;

  RootCounters counters() const;
  void SetCounters(const RootCounters& counters);

  uint32_t PlaintextBytes() const override { return kNodeBytes; }
  void Gather(std::vector<ByteView>& parts, Bytes& scratch) const override;

  // The open set's, while the node is in one.
  size_t place_in_set = 0;
  // Recently used; the node table's clock clears it.
  std::atomic<bool> referenced{true};

 private:
  static constexpr size_t kHeaderBytes = 48;
  const uint8_t* Cell(size_t i) const { return page_ + SlotAt(i); }
  uint8_t* MutableCell(size_t i) { return page_ + SlotAt(i); }
  size_t SlotAt(size_t i) const { return GetBE<uint16_t>(page_ + kHeaderBytes + 2 * i); }
  size_t CellBytes(size_t i) const;
  size_t heap_start() const { return GetBE<uint16_t>(page_ + 4); }
  size_t garbage() const { return GetBE<uint16_t>(page_ + 6); }
  void SetCount(size_t n) { PutBE(page_ + 2, static_cast<uint16_t>(n)); }
  void SetHeapStart(size_t n) { PutBE(page_ + 4, static_cast<uint16_t>(n)); }
  void SetGarbage(size_t n) { PutBE(page_ + 6, static_cast<uint16_t>(n)); }
  // A hole of `bytes` in the heap and a slot at i for it; nullptr if it does not fit.
  uint8_t* InsertCell(size_t i, size_t bytes);
  void CompactInto(uint8_t* out) const;

  alignas(64) uint8_t page_[kNodeBytes];
};

using NodeRef = std::shared_ptr<Node>;

}  // namespace chainfs::fs

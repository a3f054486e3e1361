// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of an LMDB file as bytes, for those who read them with pread instead of trusting LMDB
// with them. Internal to fs/store. Plain values; no threads.
//
// The format is that of LMDB 0.9 (MDB_DATA_VERSION 1) on a 64-bit machine, numbers in the
// machine's byte order:
//
//   page   0 number u64 | 8 pad u16 | 10 flags u16 | 12 lower u16 | 14 upper u16 | 16 node offsets
//          lower: where the offsets end; upper: where the nodes begin, they go on to the page's end
//          an overflow page: 12 page count u32 | 16 data, on into the pages that follow it
//   meta   page 0 and 1, after the 16 bytes of page header; transaction n writes page n % 2:
//          0 magic u32 | 4 version u32 | 8 map address u64 | 16 map size u64
//          24 free list's tree | 72 main tree | 120 last page u64 | 128 transaction u64
//   tree   0 pad u32 (the free list's: the page size) | 4 flags u16 | 6 depth u16
//          8 branch pages u64 | 16 leaf pages u64 | 24 overflow pages u64 | 32 entries u64
//          40 root u64, all ones: empty
//   node   0 low u16 | 2 high u16 | 4 flags u16 | 6 key length u16 | 8 key | data
//          branch: low, high and flags are the child's page; leaf: low and high the data's length,
//          flags 1: the data is the number of the overflow page that holds it, 2: it is a tree
//   free list's data   count u64, then as many page numbers, descending; its key is the number of
//                      the transaction that freed them
#pragma once

#include <cstdint>
#include <cstring>

#include "crypto/base/types.h"

namespace chainfs::fs::store {

constexpr uint32_t kLmdbMagic = 0xbeefc0de;
constexpr uint32_t kLmdbVersion = 1;
constexpr uint64_t kPageHeaderBytes = 16;
constexpr uint64_t kNodeHeaderBytes = 8;
constexpr uint64_t kTreeRecordBytes = 48;
constexpr uint64_t kMetaBytes = 136;  // without the page header
constexpr uint16_t kBranchPage = 1, kLeafPage = 2, kOverflowPage = 4, kMetaPage = 8;
constexpr uint16_t kDataElsewhere = 1, kDataIsTree = 2;  // flags of a leaf's node
constexpr uint16_t kIntegerKeys = 8;                     // flags of a tree
constexpr uint64_t kNoPage = ~uint64_t{0};
constexpr uint64_t kFirstPage = 2;  // after the two meta pages
constexpr int kMaxDepth = 32;       // of LMDB's cursors
constexpr uint64_t kMinPageBytes = 512;
constexpr uint64_t kMaxPageBytes = 32768;  // 16 bits must be able to name the page's end
constexpr uint64_t kMaxKeyBytes = 511;

// REQUIRES: sizeof(T) bytes at `offset`.
template <class T>
T At(ByteView bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// How many pages a value of so many bytes has to itself.
constexpr uint64_t OverflowPages(uint64_t value_bytes, uint64_t page_bytes) {
  return (kPageHeaderBytes + value_bytes + page_bytes - 1) / page_bytes;
}

// What a tree says of itself.
struct TreeRecord {
  uint32_t pad = 0;
  uint16_t flags = 0;
  uint16_t depth = 0;
  uint64_t branch_pages = 0;
  uint64_t leaf_pages = 0;
  uint64_t overflow_pages = 0;
  uint64_t entries = 0;
  uint64_t root = kNoPage;
};

// REQUIRES: kTreeRecordBytes at `offset`.
inline TreeRecord TreeRecordAt(ByteView bytes, size_t offset) {
  return {.pad = At<uint32_t>(bytes, offset),
          .flags = At<uint16_t>(bytes, offset + 4),
          .depth = At<uint16_t>(bytes, offset + 6),
          .branch_pages = At<uint64_t>(bytes, offset + 8),
          .leaf_pages = At<uint64_t>(bytes, offset + 16),
          .overflow_pages = At<uint64_t>(bytes, offset + 24),
          .entries = At<uint64_t>(bytes, offset + 32),
          .root = At<uint64_t>(bytes, offset + 40)};
}

}  // namespace chainfs::fs::store

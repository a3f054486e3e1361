// SPDX-License-Identifier: GPL-3.0-or-later
// Reads LMDB's list of free pages with pread instead of through the map: for files that may be
// cut off, where touching the map would be a SIGBUS. Internal to fs/store; thread-safe.
//
// The format is that of LMDB 0.9 (MDB_DATA_VERSION 1), numbers in the machine's byte order:
//
//   page   0 number u64 | 8 pad u16 | 10 flags u16 | 12 lower u16 | 14 upper u16 | 16 node offsets
//          (an overflow page: 12 page count u32 | 16 data)
//   meta   page 0 and 1, after the 16 bytes of page header:
//          0 magic u32 | 4 version u32 | 24 free list's tree (its page size u32 first, its root
//          u64 at 64) | 120 last page u64 | 128 transaction u64
//   node   0 low u16 | 2 high u16 | 4 flags u16 | 6 key length u16 | 8 key | data
//          branch: low, high and flags are the child's page; leaf: low and high the data's length,
//          flags 1: the data is the number of the overflow page that holds it
//   data   count u64, then as many page numbers
#pragma once

#include <cstdint>
#include <optional>

namespace chainfs::fs::store {

// How many of the pages from `first` on are in the free list of the state that `transaction` is
// the number of. nullopt: it cannot be read whole.
// REQUIRES: a read transaction holds that state, or nobody writes.
std::optional<uint64_t> CountFreePagesFrom(int fd, uint64_t page_bytes, uint64_t transaction,
                                           uint64_t first);

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
// Reads LMDB's list of free pages with pread instead of through the map: for files that may be
// cut off, where touching the map would be a SIGBUS. page_format.h has the bytes.
// Internal to fs/store; thread-safe.
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

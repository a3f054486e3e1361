// SPDX-License-Identifier: GPL-3.0-or-later
// DiskRange: bytes of the database file that are not in memory. Reads take a pointer to one: if it
// is null they wait for the disk, else they fill it in and fail with kWouldWait, once the kernel
// has begun to read these bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chainfs::fs::store {

struct DiskRange {
  int file = -1;  // open as long as the store
  uint64_t offset = 0;
  size_t bytes = 0;
};

}  // namespace chainfs::fs::store

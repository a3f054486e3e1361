// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/resident_limit.h"

#include <sys/mman.h>

namespace chainfs::fs::store {

void ResidentLimit::Unmap() {
  if (noted_.exchange(0, std::memory_order_relaxed) <= kLimitBytes) return;  // another thread did
  if (!environment_.map) return;
  ::madvise(environment_.map, environment_.HighWaterBytes(), MADV_DONTNEED);
}

}  // namespace chainfs::fs::store

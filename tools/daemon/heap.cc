// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/heap.h"

#include <malloc.h>

#include <algorithm>
#include <thread>

namespace chainfs::tools {

void BoundHeaps() {
  const unsigned cpus = std::thread::hardware_concurrency();
  mallopt(M_ARENA_MAX, static_cast<int>(std::clamp(cpus, 2u, 64u)));
}

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// What every handler reaches from its request. Lives as long as the session; its members are
// thread-safe.
#pragma once

#include <atomic>

#include "fs/fuse/notifier.h"
#include "fs/fuse/refused_writes.h"
#include "fs/fuse/shown_owner.h"
#include "fs/fuse/worker_pool.h"
#include "fs/volume.h"

namespace chainfs::fs::fuse {

struct Context {
  Volume& volume;
  WorkerPool& workers;
  Notifier& notifier;
  RefusedWrites& refused;
  const ShownOwner& shown;
  const bool want_io_uring;
  // Whether requests come over io_uring: known once the first one after INIT has come.
  std::atomic<bool> over_io_uring = false;
};

}  // namespace chainfs::fs::fuse

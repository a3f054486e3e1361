// SPDX-License-Identifier: GPL-3.0-or-later
// What Store, ReadTxn and WriteTxn share. Internal to fs/store.
#pragma once

#include <atomic>

#include "fs/store/environment.h"
#include "fs/store/prefetch.h"
#include "fs/store/read_pool.h"
#include "fs/store/resident_limit.h"
#include "fs/store/space.h"
#include "fs/store/store.h"

namespace chainfs::fs::store {

struct Store::Impl {
  explicit Impl(Environment opened)
      : environment(std::move(opened)),
        pool(environment.handle.get()),
        resident(environment),
        space(environment) {}

  Environment environment;
  ReadPool pool;
  Prefetcher prefetcher;
  ResidentLimit resident;
  SpaceKeeper space;
  bool read_only = false;
  std::atomic<bool> failed{false};  // a write failed for another reason than space
  std::atomic<bool> writing{false};
};

}  // namespace chainfs::fs::store

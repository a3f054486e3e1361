// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the kernel for the pages of a blob before they are touched one by one. Internal to fs/store.
//
// The map has no readahead of the kernel's: that read half a megabyte for every random 4 KiB
// object. Instead a blob that spans pages is requested as a whole, and where one blob follows the
// last one requested in its neighbourhood, a window beyond it too.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "crypto/base/types.h"

namespace chainfs::fs::store {

// Thread-safe; a race costs a request too many or too few.
class Prefetcher {
 public:
  // REQUIRES: `blob` lies in the map.
  void WillNeed(ByteView blob);

 private:
  static constexpr size_t kZones = 64;  // as many sequential readers are told apart

  // The address up to which pages were requested, by the part of the map that it lies in.
  std::array<std::atomic<uintptr_t>, kZones> requested_{};
};

}  // namespace chainfs::fs::store

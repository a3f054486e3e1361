// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/prefetch.h"

#include <sys/mman.h>
#include <unistd.h>

namespace chainfs::fs::store {
namespace {

constexpr uintptr_t kZoneBytes = 4u << 20;
constexpr uintptr_t kWindowBytes = 512u << 10;
constexpr uintptr_t kGapBytes = 64u << 10;  // index pages lie between blobs

void Request(uintptr_t from, uintptr_t to) {
  // Past the map's end it fails, past the file's it does nothing: both are fine.
  ::madvise(reinterpret_cast<void*>(from), to - from, MADV_WILLNEED);
}

}  // namespace

void Prefetcher::WillNeed(ByteView blob) {
  static const uintptr_t page_bytes = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(blob.data()) & ~(page_bytes - 1);
  const uintptr_t end =
      (reinterpret_cast<uintptr_t>(blob.data()) + blob.size() + page_bytes - 1) & ~(page_bytes - 1);
  if (end - begin <= page_bytes) return;  // the touch itself is the request
  std::atomic<uintptr_t>& slot = requested_[begin / kZoneBytes % kZones];
  std::atomic<uintptr_t>& next_slot = requested_[end / kZoneBytes % kZones];
  const uintptr_t requested = slot.load(std::memory_order_relaxed);
  const bool follows = begin <= requested + kGapBytes && requested < begin + 2 * kWindowBytes;
  if (!follows) {
    Request(begin, end);
    next_slot.store(end, std::memory_order_relaxed);
    return;
  }
  if (requested >= end + kWindowBytes / 2) {  // far enough ahead
    next_slot.store(requested, std::memory_order_relaxed);
    return;
  }
  const uintptr_t from = requested > begin && requested < end + kWindowBytes ? requested : begin;
  Request(from, end + kWindowBytes);
  next_slot.store(end + kWindowBytes, std::memory_order_relaxed);
}

}  // namespace chainfs::fs::store

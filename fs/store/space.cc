// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace chainfs::fs::store {
namespace {

constexpr MDB_dbi kFreeTable = 0;  // LMDB's own: transaction -> list of free pages
// Reserved beyond what was asked for, so that not every commit has to ask the filesystem again.
constexpr uint64_t kStrideBytes = 16ull << 20;
constexpr uint64_t kLeastBytes = 256ull << 10;  // not worth asking for

struct FreePages {
  uint64_t all = 0;
  uint64_t aging = 0;  // freed by the newest transaction: the next one must still leave them alone
};

// Each value begins with the number of pages that it lists.
FreePages CountFreePages(MDB_txn* txn) {
  MDB_cursor* opened = nullptr;
  if (mdb_cursor_open(txn, kFreeTable, &opened) != 0) return {};
  CursorHandle cursor(opened);
  FreePages pages;
  MDB_val key, data;
  while (mdb_cursor_get(cursor.get(), &key, &data, MDB_NEXT) == 0) {
    uint64_t count = 0;
    if (data.mv_size >= sizeof count) std::memcpy(&count, data.mv_data, sizeof count);
    pages.all += count;
    size_t freed_by = 0;
    if (key.mv_size == sizeof freed_by) std::memcpy(&freed_by, key.mv_data, sizeof freed_by);
    if (freed_by >= mdb_txn_id(txn)) pages.aging += count;
  }
  return pages;
}

}  // namespace

uint64_t AvailableBytes(const Environment& environment) {
  struct statvfs filesystem;
  if (::fstatvfs(environment.directory.get(), &filesystem) != 0) return 0;
  return uint64_t{filesystem.f_bavail} * filesystem.f_frsize;
}

// Truncating a file to the length that it has frees the blocks past its end, on all filesystems
// that can hold any. Never to less: after a failed commit the last state may be a longer one.
SpaceKeeper::~SpaceKeeper() {
  struct stat status;
  if (reserved_end_ == 0 || ::fstat(environment_.data_fd(), &status) != 0) return;
  [[maybe_unused]] const int rc = ::ftruncate(environment_.data_fd(), status.st_size);
}

uint64_t SpaceKeeper::Reserve(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  const uint64_t high_water = environment_.HighWaterBytes();
  bytes = std::min(bytes, environment_.map_bytes - std::min(environment_.map_bytes, high_water));
  const uint64_t wanted_end = high_water + bytes;
  if (!unsupported_ && reserved_end_ < wanted_end) {
    Extend(std::max(reserved_end_, high_water), wanted_end);
  }
  if (unsupported_) return std::min(bytes, AvailableBytes(environment_));
  return reserved_end_ > high_water ? reserved_end_ - high_water : 0;
}

void SpaceKeeper::Extend(uint64_t start, uint64_t wanted_end) {
  const uint64_t end = std::min(wanted_end + kStrideBytes, environment_.map_bytes);
  // Not more than there is: that fails for sure, and some filesystems keep what a failed call had
  // taken so far. (A smaller call then finds it taken already.)
  uint64_t most = std::min(end - start, AvailableBytes(environment_));
  while (start < wanted_end && most >= kLeastBytes) {
    const uint64_t length = std::min(most, end - start);
    if (::fallocate(environment_.data_fd(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(start),
                    static_cast<off_t>(length)) == 0) {
      start += length;
      reserved_end_ = start;
    } else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
      most = length / 2;  // the filesystem's own bookkeeping takes room too
    } else if (errno != EINTR) {
      unsupported_ = true;
      return;
    }
  }
}

SpaceInfo SpaceKeeper::Get(ReadPool& pool) {
  SpaceInfo info;
  struct statvfs filesystem;
  if (::fstatvfs(environment_.directory.get(), &filesystem) == 0) {
    info.filesystem_total = uint64_t{filesystem.f_blocks} * filesystem.f_frsize;
    info.filesystem_free = uint64_t{filesystem.f_bavail} * filesystem.f_frsize;
  }
  std::lock_guard lock(mutex_);
  info.file_bytes = environment_.HighWaterBytes();
  if (reserved_end_ > info.file_bytes) info.reserved_bytes = reserved_end_ - info.file_bytes;
  MDB_txn* txn = nullptr;
  if (pool.Take(&txn) == 0) {
    if (mdb_txn_id(txn) != counted_txn_) {
      counted_txn_ = mdb_txn_id(txn);
      const FreePages pages = CountFreePages(txn);
      free_page_bytes_ = pages.all * environment_.page_bytes;
      aging_page_bytes_ = pages.aging * environment_.page_bytes;
    }
    pool.Return(txn);
  }
  info.free_page_bytes = free_page_bytes_;
  info.aging_page_bytes = aging_page_bytes_;
  return info;
}

}  // namespace chainfs::fs::store

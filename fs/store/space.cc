// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/space.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace chainfs::fs::store {
namespace {

constexpr MDB_dbi kFreeTable = 0;  // LMDB's own: transaction -> list of free pages
// Reserved beyond what was asked for, so that not every commit has to ask the filesystem again.
constexpr uint64_t kStrideBytes = 16ull << 20;

// Each value begins with the number of pages that it lists.
uint64_t CountFreePages(MDB_txn* txn) {
  MDB_cursor* opened = nullptr;
  if (mdb_cursor_open(txn, kFreeTable, &opened) != 0) return 0;
  CursorHandle cursor(opened);
  uint64_t pages = 0;
  MDB_val key, data;
  while (mdb_cursor_get(cursor.get(), &key, &data, MDB_NEXT) == 0) {
    uint64_t count = 0;
    if (data.mv_size >= sizeof count) std::memcpy(&count, data.mv_data, sizeof count);
    pages += count;
  }
  return pages;
}

}  // namespace

uint64_t AvailableBytes(const Environment& environment) {
  struct statvfs filesystem;
  if (::fstatvfs(environment.directory.get(), &filesystem) != 0) return 0;
  return uint64_t{filesystem.f_bavail} * filesystem.f_frsize;
}

SpaceKeeper::~SpaceKeeper() {
  const uint64_t high_water = environment_.HighWaterBytes();
  if (reserved_end_ <= high_water) return;
  ::fallocate(environment_.data_fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
              static_cast<off_t>(high_water), static_cast<off_t>(reserved_end_ - high_water));
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
  // Never ask for more than there is: some filesystems keep what a failed call had taken so far.
  uint64_t length = std::min(wanted_end - start + kStrideBytes, AvailableBytes(environment_));
  length = std::min(length, environment_.map_bytes - start);
  while (length >= environment_.page_bytes) {
    if (::fallocate(environment_.data_fd(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(start),
                    static_cast<off_t>(length)) == 0) {
      reserved_end_ = start + length;
      return;
    }
    if (errno == EINTR) continue;
    if (errno != ENOSPC && errno != EDQUOT && errno != EFBIG) {
      unsupported_ = true;
      return;
    }
    length /= 2;
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
      free_page_bytes_ = CountFreePages(txn) * environment_.page_bytes;
    }
    pool.Return(txn);
  }
  info.free_page_bytes = free_page_bytes_;
  return info;
}

}  // namespace chainfs::fs::store

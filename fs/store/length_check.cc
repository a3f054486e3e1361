// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/length_check.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <string>

#include "fs/store/environment.h"
#include "fs/store/lmdb_error.h"

namespace chainfs::fs::store {
namespace {

constexpr MDB_dbi kFreeTable = 0;  // LMDB's own: transaction -> list of free pages

// How many of the pages from `first` on are listed as free.
Result<uint64_t> CountFreeFrom(MDB_env* env, uint64_t first) {
  MDB_txn* begun = nullptr;
  if (int rc = mdb_txn_begin(env, nullptr, MDB_RDONLY, &begun)) return OpenError(rc, "free pages");
  TransactionHandle txn(begun);
  MDB_cursor* opened = nullptr;
  if (int rc = mdb_cursor_open(txn.get(), kFreeTable, &opened)) return OpenError(rc, "free pages");
  CursorHandle cursor(opened);
  uint64_t found = 0;
  MDB_val key, data;
  int rc;
  while ((rc = mdb_cursor_get(cursor.get(), &key, &data, MDB_NEXT)) == 0) {
    const uint64_t room = data.mv_size / 8;  // a count, then as many page numbers
    const auto* words = static_cast<const uint8_t*>(data.mv_data);
    for (uint64_t i = 1; i < room; ++i) {
      uint64_t count, page;
      std::memcpy(&count, words, 8);
      if (i > count) break;
      std::memcpy(&page, words + i * 8, 8);
      if (page >= first) ++found;
    }
  }
  if (rc != MDB_NOTFOUND) return OpenError(rc, "free pages");
  return found;
}

uint64_t FileBytes(const Environment& environment) {
  struct stat status;
  return ::fstat(environment.data_fd(), &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

}  // namespace

Result<void> CheckLength(const Environment& environment, bool read_only) {
  const uint64_t page_bytes = environment.page_bytes;
  const uint64_t needed = environment.HighWaterBytes();
  const uint64_t whole_pages = FileBytes(environment) / page_bytes;
  if (whole_pages * page_bytes >= needed) return {};

  // Zeros stand in for the missing pages while LMDB looks for them in its free list: if part of
  // that list itself is missing, LMDB says so instead of dying. The system's pages may be larger
  // than a database page that the file ends with.
  MDB_envinfo info;
  mdb_env_info(environment.handle.get(), &info);
  const uint64_t start = whole_pages * page_bytes;
  auto* missing = static_cast<uint8_t*>(info.me_mapaddr) + start;
  const size_t length = needed - start;
  if (::mmap(missing, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
      MAP_FAILED) {
    return Error{ErrorCode::kNoMemory, "cannot check the database's length"};
  }
  Result<uint64_t> free_pages = CountFreeFrom(environment.handle.get(), whole_pages);
  const bool sound = free_pages && *free_pages == length / page_bytes;
  const bool restored = ::mmap(missing, length, PROT_READ, MAP_SHARED | MAP_FIXED,
                               environment.data_fd(), static_cast<off_t>(start)) != MAP_FAILED;
  if (!sound || !restored) {
    return Error{ErrorCode::kDamaged, "data.mdb is shorter (" + std::to_string(start) +
                                          " bytes) than its own page count says (" +
                                          std::to_string(needed) + "); run chainfs-fsck"};
  }
  if (!read_only) ExtendToHighWater(environment);
  return {};
}

void ExtendToHighWater(const Environment& environment) {
  const uint64_t needed = environment.HighWaterBytes();
  if (FileBytes(environment) >= needed) return;
  int ignored = ::ftruncate(environment.data_fd(), static_cast<off_t>(needed));
  static_cast<void>(ignored);
}

}  // namespace chainfs::fs::store

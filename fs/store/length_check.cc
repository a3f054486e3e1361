// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/length_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "fs/store/environment.h"
#include "fs/store/free_list.h"

namespace chainfs::fs::store {
namespace {

uint64_t FileBytes(const Environment& environment) {
  struct stat status;
  return ::fstat(environment.data_fd(), &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

// Are all pages past the end of the file free? The transaction keeps a writer beside us from
// reusing the pages of the list; nothing is read through the map.
bool EndsInFreePages(const Environment& environment, uint64_t needed, uint64_t whole_pages) {
  MDB_txn* begun = nullptr;
  if (mdb_txn_begin(environment.handle.get(), nullptr, MDB_RDONLY, &begun) != 0) return false;
  TransactionHandle txn(begun);
  std::optional<uint64_t> free_pages = CountFreePagesFrom(
      environment.data_fd(), environment.page_bytes, mdb_txn_id(txn.get()), whole_pages);
  return free_pages && *free_pages == needed / environment.page_bytes - whole_pages;
}

}  // namespace

Result<void> CheckLength(const Environment& environment, bool read_only) {
  uint64_t needed = 0, whole_pages = 0;
  // Beside a writing process the file may grow while we look.
  for (int attempt = 0; attempt < 3; ++attempt) {
    needed = environment.HighWaterBytes();
    whole_pages = FileBytes(environment) / environment.page_bytes;
    if (whole_pages * environment.page_bytes >= needed) return {};
    if (!EndsInFreePages(environment, needed, whole_pages)) continue;
    if (!read_only) ExtendToHighWater(environment);
    return {};
  }
  return Error{ErrorCode::kDamaged, "data.mdb is shorter (" +
                                        std::to_string(whole_pages * environment.page_bytes) +
                                        " bytes) than its own page count says (" +
                                        std::to_string(needed) + "); run chainfs-fsck"};
}

void ExtendToHighWater(const Environment& environment) {
  const uint64_t needed = environment.HighWaterBytes();
  if (FileBytes(environment) >= needed) return;
  [[maybe_unused]] const int rc = ::ftruncate(environment.data_fd(), static_cast<off_t>(needed));
}

}  // namespace chainfs::fs::store

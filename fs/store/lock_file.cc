// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/lock_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "fs/store/environment.h"

namespace chainfs::fs::store {
namespace {

// LMDB takes a larger file than it needs for room for more readers.
constexpr off_t kHeaderBytes = 4096;
constexpr off_t kReaderBytes = 64;  // a cache line each

}  // namespace

int AllocateLockFile(int directory) {
  const Descriptor file(::openat(directory, kLockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct stat status;
  if (!file || ::fstat(file.get(), &status) != 0) return errno;
  // Never longer once it is in use: others have mapped as much as there was.
  const off_t bytes =
      status.st_size != 0 ? status.st_size : kHeaderBytes + kMaxReaders * kReaderBytes;
  if (::fallocate(file.get(), 0, 0, bytes) == 0) return 0;
  return errno == EOPNOTSUPP ? 0 : errno;  // some filesystems cannot promise room
}

}  // namespace chainfs::fs::store

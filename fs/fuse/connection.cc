// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the connection itself: what it can do, what the kernel has forgotten, how full it is.
#include <sys/statvfs.h>

#include <algorithm>

#include "fs/fuse/operations.h"
#include "fs/fuse/serve.h"

namespace chainfs::fs::fuse {
namespace {

constexpr unsigned kMaxRequestBytes = 1u << 20;
constexpr unsigned kMaxBackground = 64;

void Init(void* user_data, fuse_conn_info* connection) {
  const auto& context = *static_cast<const Context*>(user_data);
  for (const uint64_t capability :
       {FUSE_CAP_WRITEBACK_CACHE, FUSE_CAP_PARALLEL_DIROPS, FUSE_CAP_READDIRPLUS,
        FUSE_CAP_READDIRPLUS_AUTO, FUSE_CAP_NO_OPEN_SUPPORT, FUSE_CAP_NO_OPENDIR_SUPPORT,
        FUSE_CAP_DONT_MASK, FUSE_CAP_EXPORT_SUPPORT, FUSE_CAP_CACHE_SYMLINKS, FUSE_CAP_ASYNC_READ,
        FUSE_CAP_ASYNC_DIO}) {
    Want(connection, capability);
  }
  if (!context.shown.Any()) Want(connection, FUSE_CAP_POSIX_ACL);
  // libfuse asks for these by itself. Without OPEN requests a truncation by O_TRUNC would be lost.
  // Nobody changes data behind the kernel's back. And v1 of KILLPRIV makes chown without a mode
  // change the daemon's business in a way that does not go with the writeback cache.
  for (const uint64_t capability :
       {FUSE_CAP_ATOMIC_O_TRUNC, FUSE_CAP_AUTO_INVAL_DATA, FUSE_CAP_HANDLE_KILLPRIV}) {
    Refuse(connection, capability);
  }
#ifdef FUSE_CAP_HANDLE_KILLPRIV_V2
  if (kTellsKillSuidgid<fuse_file_info>) Want(connection, FUSE_CAP_HANDLE_KILLPRIV_V2);
#endif
#ifdef FUSE_CAP_OVER_IO_URING
  if (!context.want_io_uring) Refuse(connection, FUSE_CAP_OVER_IO_URING);
#endif
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
  connection->no_interrupt = 1;  // no operation could be broken off
#endif
  connection->max_write = kMaxRequestBytes;
  connection->max_readahead = std::min(connection->max_readahead, kMaxRequestBytes);
  connection->max_background = kMaxBackground;
  connection->congestion_threshold = kMaxBackground * 3 / 4;
}

// Nobody waits for the outcome.
void ForgetOne(Volume& volume, fuse_ino_t inode, uint64_t count) {
  auto forget = [=](Volume& v) -> Result<void> {
    v.Forget(InodeNumber(inode), count);
    return {};
  };
  const Result<void> done = Attempt(forget, volume);
  if (!done) LogIfAlarming(volume, {"forget", inode}, done.error());
}

void Forget(fuse_req_t request, fuse_ino_t inode, uint64_t count) {
  ForgetOne(ContextOf(request).volume, inode, count);
  fuse_reply_none(request);
}

void ForgetMany(fuse_req_t request, size_t count, fuse_forget_data* forgets) {
  Volume& volume = ContextOf(request).volume;
  for (size_t i = 0; i < count; ++i) ForgetOne(volume, forgets[i].ino, forgets[i].nlookup);
  fuse_reply_none(request);
}

struct statvfs ToStatvfs(const VolumeStatistics& statistics) {
  struct statvfs result {};
  result.f_bsize = kBlockBytes;
  result.f_frsize = kBlockBytes;
  result.f_blocks = statistics.total_bytes / kBlockBytes;
  result.f_bfree = statistics.free_bytes / kBlockBytes;
  result.f_bavail = result.f_bfree;
  result.f_files = statistics.inodes + statistics.inodes_free;
  result.f_ffree = statistics.inodes_free;
  result.f_favail = statistics.inodes_free;
  result.f_namemax = kMaxNameBytes;
  return result;
}

void Statistics(fuse_req_t request, fuse_ino_t inode) {
  ContextOf(request).over_io_uring = CameOverIoUring(request);
  auto answer = [](fuse_req_t r, const VolumeStatistics& statistics) {
    const struct statvfs result = ToStatvfs(statistics);
    fuse_reply_statfs(r, &result);
  };
  Serve(
      request, {"statfs", inode}, [](Volume& volume) { return volume.Statistics(); }, answer);
}

}  // namespace

void AddConnectionOperations(fuse_lowlevel_ops& operations) {
  operations.init = Init;
  operations.forget = Forget;
  operations.forget_multi = ForgetMany;
  operations.statfs = Statistics;
}

}  // namespace chainfs::fs::fuse

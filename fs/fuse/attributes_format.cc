// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/attributes_format.h"

#include <sys/sysmacros.h>

#include "fs/fuse/serve.h"

namespace chainfs::fs::fuse {
namespace {

timespec ToTimespec(const Timestamp& time) {
  timespec result{};
  result.tv_sec = time.seconds;
  result.tv_nsec = time.nanoseconds;
  return result;
}

}  // namespace

struct stat ToStat(const Attributes& attributes) {
  struct stat result {};
  result.st_ino = attributes.inode.value;
  result.st_mode = attributes.mode;
  result.st_nlink = attributes.nlink;
  result.st_uid = attributes.uid;
  result.st_gid = attributes.gid;
  result.st_rdev = attributes.rdev;
  result.st_size = static_cast<off_t>(attributes.size);
  result.st_blocks = static_cast<blkcnt_t>(attributes.blocks_512);
  result.st_blksize = kBlockBytes;
  result.st_atim = ToTimespec(attributes.atime);
  result.st_mtim = ToTimespec(attributes.mtime);
  result.st_ctim = ToTimespec(attributes.ctime);
  return result;
}

#ifdef STATX_BTIME
namespace {

statx_timestamp ToStatxTime(const Timestamp& time) {
  statx_timestamp result{};
  result.tv_sec = time.seconds;
  result.tv_nsec = time.nanoseconds;
  return result;
}

}  // namespace

struct statx ToStatx(const Attributes& attributes) {
  struct statx result {};
  result.stx_mask = STATX_BASIC_STATS | STATX_BTIME;
  result.stx_ino = attributes.inode.value;
  result.stx_mode = static_cast<uint16_t>(attributes.mode);
  result.stx_nlink = attributes.nlink;
  result.stx_uid = attributes.uid;
  result.stx_gid = attributes.gid;
  result.stx_rdev_major = major(attributes.rdev);
  result.stx_rdev_minor = minor(attributes.rdev);
  result.stx_size = attributes.size;
  result.stx_blocks = attributes.blocks_512;
  result.stx_blksize = kBlockBytes;
  result.stx_atime = ToStatxTime(attributes.atime);
  result.stx_mtime = ToStatxTime(attributes.mtime);
  result.stx_ctime = ToStatxTime(attributes.ctime);
  result.stx_btime = ToStatxTime(attributes.btime);
  return result;
}
#endif

fuse_entry_param ToEntry(const Attributes& attributes) {
  fuse_entry_param entry{};
  entry.ino = attributes.inode.value;
  entry.generation = attributes.generation;
  entry.attr = ToStat(attributes);
  entry.attr_timeout = kTimeoutSeconds;
  entry.entry_timeout = kTimeoutSeconds;
  return entry;
}

fuse_entry_param NegativeEntry() {
  fuse_entry_param entry{};
  entry.entry_timeout = kTimeoutSeconds;
  return entry;
}

void AnswerEntry(fuse_req_t request, const Attributes& attributes) {
  Context& context = ContextOf(request);
  const fuse_entry_param entry = ToEntry(context.shown.Of(attributes));
  if (fuse_reply_entry(request, &entry) != 0) context.volume.Forget(attributes.inode, 1);
}

void AnswerAttributes(fuse_req_t request, const Attributes& attributes) {
  const struct stat status = ToStat(ContextOf(request).shown.Of(attributes));
  fuse_reply_attr(request, &status, kTimeoutSeconds);
}

}  // namespace chainfs::fs::fuse

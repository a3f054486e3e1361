// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of attributes.
#include <time.h>

#include "fs/fuse/attributes_format.h"
#include "fs/fuse/operations.h"
#include "fs/fuse/serve.h"

namespace chainfs::fs::fuse {
namespace {

Timestamp ToTimestamp(const timespec& time) {
  return {time.tv_sec, static_cast<uint32_t>(time.tv_nsec)};
}

Timestamp Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return ToTimestamp(now);
}

// `mask` has FUSE_SET_ATTR_* bits; libfuse calls the kernel's FATTR_KILL_SUIDGID KILL_SUID.
AttributeChange ToChange(const struct stat& to, int mask) {
  AttributeChange change;
  if (mask & FUSE_SET_ATTR_MODE) change.mode = to.st_mode & 07777;
  if (mask & FUSE_SET_ATTR_UID) change.uid = to.st_uid;
  if (mask & FUSE_SET_ATTR_GID) change.gid = to.st_gid;
  if (mask & FUSE_SET_ATTR_SIZE) change.size = static_cast<uint64_t>(to.st_size);
  if (mask & FUSE_SET_ATTR_ATIME) change.atime = ToTimestamp(to.st_atim);
  if (mask & FUSE_SET_ATTR_MTIME) change.mtime = ToTimestamp(to.st_mtim);
  if (mask & FUSE_SET_ATTR_CTIME) change.ctime = ToTimestamp(to.st_ctim);
  if (mask & FUSE_SET_ATTR_ATIME_NOW) change.atime = Now();
  if (mask & FUSE_SET_ATTR_MTIME_NOW) change.mtime = Now();
  change.kill_suid_sgid = (mask & FUSE_SET_ATTR_KILL_SUID) != 0;
  return change;
}

// A write(2) asks, whose file's last write has been refused, and there is still no room.
Result<void> CheckRoom(Volume& volume, RefusedWrites& refused, fuse_ino_t inode) {
  const std::optional<size_t> size = refused.Take(inode);
  if (!size) return {};
  const Result<VolumeStatistics> now = volume.Statistics();
  // A write may have to store a whole region anew at each of its ends.
  if (now && now->free_bytes < *size + 2 * kRegionBytes) return ErrorCode::kNoSpace;
  return {};
}

void GetAttributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
  const bool through_file = file != nullptr;
  auto get = [=](Volume& volume) -> Result<Attributes> {
    if (through_file) {
      const auto room = CheckRoom(volume, ContextOf(request).refused, inode);
      if (!room) return room.error();
    }
    return volume.GetAttributes(InodeNumber(inode));
  };
  Serve(request, {"getattr", inode}, get, AnswerAttributes);
}

void SetAttributes(fuse_req_t request, fuse_ino_t inode, struct stat* to, int mask,
                   fuse_file_info*) {
  const AttributeChange change = ToChange(*to, mask);
  const bool shows = ContextOf(request).shown.Shows(change, to->st_mode);
  auto set = [=](Volume& volume) -> Result<Attributes> {
    if (!shows) return ErrorCode::kNotPermitted;
    return volume.SetAttributes(InodeNumber(inode), change);
  };
  Serve(request, {"setattr", inode, Effort::kMemory}, set, AnswerAttributes);
}

#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 18)
void GetStatx(fuse_req_t request, fuse_ino_t inode, int, int, fuse_file_info*) {
  auto answer = [](fuse_req_t r, const Attributes& attributes) {
    struct statx status = ToStatx(ContextOf(r).shown.Of(attributes));
    fuse_reply_statx(r, 0, &status, kTimeoutSeconds);
  };
  Serve(
      request, {"statx", inode},
      [=](Volume& volume) { return volume.GetAttributes(InodeNumber(inode)); }, answer);
}
#endif

}  // namespace

void AddAttributeOperations(fuse_lowlevel_ops& operations) {
  operations.getattr = GetAttributes;
  operations.setattr = SetAttributes;
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 18)
  operations.statx = GetStatx;
#endif
}

}  // namespace chainfs::fs::fuse

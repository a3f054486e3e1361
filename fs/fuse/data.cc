// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of file data.
#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include <algorithm>

#include "fs/fuse/operations.h"
#include "fs/fuse/reply_buffer.h"
#include "fs/fuse/serve.h"

namespace chainfs::fs::fuse {
namespace {

// Reads from this size on, a sequential reader's, are opened on several CPUs at once.
constexpr size_t kBulkBytes = 128u << 10;

// One COPY_FILE_RANGE copies no more: programs loop anyway, and so a signal gets through.
constexpr uint64_t kMaxCopyBytes = 64ull << 20;

// From then on the kernel opens and closes files by itself.
void Open(fuse_req_t request, fuse_ino_t, fuse_file_info*) {
  fuse_reply_err(request, NoSuchCall());
}

void Read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset, fuse_file_info*) {
  auto read = [=](Volume& volume, store::DiskRange* missing) -> Result<ByteView> {
    const MutableByteView buffer = ReplyBuffer(request, size);
    const Result<size_t> count =
        volume.Read(InodeNumber(inode), static_cast<uint64_t>(offset), buffer, missing);
    if (!count) return count.error();
    return ByteView(buffer.first(*count));
  };
  if (size < kBulkBytes) return ServeFromMemoryOrDisk(request, {"read", inode}, read, AnswerBytes);
  auto waiting = [=](Volume& volume) { return read(volume, nullptr); };
  Serve(request, {"read", inode, Effort::kBulk}, waiting, AnswerBytes);
}

void Write(fuse_req_t request, fuse_ino_t inode, const char* data, size_t size, off_t offset,
           fuse_file_info* file) {
  const ByteView bytes(reinterpret_cast<const uint8_t*>(data), size);
  const bool kill_suidgid = MustKillSuidgid(file);
  const bool from_cache = file->writepage != 0;
  auto write = [=](Volume& volume) {
    Result<void> done =
        volume.Write(InodeNumber(inode), static_cast<uint64_t>(offset), bytes, kill_suidgid);
    if (!done && done.error().code == ErrorCode::kNoSpace && from_cache) {
      ContextOf(request).refused.Note(inode, size);
      ContextOf(request).notifier.AskAtNextWrite(inode);
    }
    return done;
  };
  auto answer = [=](fuse_req_t r) {
    ContextOf(r).notifier.BlocksChanged(inode);
    fuse_reply_write(r, size);
  };
  Serve(request, {"write", inode, Effort::kMemory}, write, answer);
}

Result<void> Allocate(Volume& volume, InodeNumber inode, int mode, uint64_t offset,
                      uint64_t length) {
  const bool keep_size = (mode & FALLOC_FL_KEEP_SIZE) != 0;
  switch (mode & ~FALLOC_FL_KEEP_SIZE) {
    case 0:
      return volume.Allocate(inode, offset, length, keep_size);
    case FALLOC_FL_ZERO_RANGE:
      return volume.ZeroRange(inode, offset, length, keep_size);
    case FALLOC_FL_PUNCH_HOLE:
      if (keep_size) return volume.PunchHole(inode, offset, length);
      [[fallthrough]];
    default:
      return ErrorCode::kUnsupported;
  }
}

void Fallocate(fuse_req_t request, fuse_ino_t inode, int mode, off_t offset, off_t length,
               fuse_file_info*) {
  auto allocate = [=](Volume& volume) {
    return Allocate(volume, InodeNumber(inode), mode, static_cast<uint64_t>(offset),
                    static_cast<uint64_t>(length));
  };
  auto answer = [=](fuse_req_t r) {
    ContextOf(r).notifier.BlocksChanged(inode);
    AnswerDone(r);
  };
  Serve(request, {"fallocate", inode, Effort::kDisk}, allocate, answer);
}

void Seek(fuse_req_t request, fuse_ino_t inode, off_t offset, int whence, fuse_file_info*) {
  auto seek = [=](Volume& volume) -> Result<uint64_t> {
    if (whence != SEEK_DATA && whence != SEEK_HOLE) return ErrorCode::kInvalid;
    if (offset < 0) return ErrorCode::kNoSeekTarget;
    return volume.Seek(InodeNumber(inode), static_cast<uint64_t>(offset),
                       whence == SEEK_DATA ? SeekKind::kData : SeekKind::kHole);
  };
  auto answer = [](fuse_req_t r, uint64_t found) {
    fuse_reply_lseek(r, static_cast<off_t>(found));
  };
  ServeFlushed(request, {"lseek", inode}, seek, answer);
}

void CopyRange(fuse_req_t request, fuse_ino_t from, off_t from_offset, fuse_file_info*,
               fuse_ino_t to, off_t to_offset, fuse_file_info*, size_t length, int) {
  auto copy = [=](Volume& volume) {
    return volume.CopyRange(InodeNumber(from), static_cast<uint64_t>(from_offset), InodeNumber(to),
                            static_cast<uint64_t>(to_offset), std::min(length, kMaxCopyBytes));
  };
  auto answer = [=](fuse_req_t r, uint64_t copied) {
    ContextOf(r).notifier.BlocksChanged(to);
    fuse_reply_write(r, copied);
  };
  Serve(request, {"copy_file_range", to, Effort::kDisk}, copy, answer);
}

}  // namespace

void AddDataOperations(fuse_lowlevel_ops& operations) {
  operations.open = Open;
  operations.read = Read;
  operations.write = Write;
  operations.fallocate = Fallocate;
  operations.lseek = Seek;
  operations.copy_file_range = CopyRange;
}

}  // namespace chainfs::fs::fuse

// SPDX-License-Identifier: GPL-3.0-or-later
// What changes, copies or asks about ranges of a file.
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/stress/whole_file.h"
#include "tests/stress/worker.h"

namespace chainfs::stress {
namespace {

std::string Number(uint64_t number) { return std::to_string(number); }

constexpr uint64_t kLongestRest = 400;  // operations

}  // namespace

// Anywhere, or just a little shorter or longer.
void Worker::Truncate(FileModel& file) {
  uint64_t size = PickOffset(file);
  if (random_.OneIn(4)) {
    const uint64_t now = file.content.size(), step = random_.Between(1, 5000);
    size =
        random_.OneIn(2) && now < file.base + file.window ? now + step : now - std::min(now, step);
  }
  Note(file, "truncate " + Number(file.content.size()) + " to " + Number(size));
  if (ftruncate(Fd(file), static_cast<off_t>(size)) != 0) FailCall("ftruncate");
  file.content.Resize(size);
}

void Worker::OpenTruncating(FileModel& file) {
  Note(file, "O_TRUNC");
  const Descriptor fd(OpenAgain(file, O_WRONLY | O_TRUNC));
  file.content.Resize(0);
}

void Worker::FallocateRange(FileModel& file, const char* name, int mode, uint64_t offset,
                            uint64_t length) {
  const bool keep_size = (mode & FALLOC_FL_KEEP_SIZE) != 0;
  Note(file, std::string(name) + (keep_size ? ", size kept, " : " ") + Number(offset) + " +" +
                 Number(length));
  if (fallocate(Fd(file), mode, static_cast<off_t>(offset), static_cast<off_t>(length)) != 0)
    FailCall(name);
  if ((mode & ~FALLOC_FL_KEEP_SIZE) != 0) file.content.Zero(offset, length);
  if (!keep_size) file.content.Resize(std::max(file.content.size(), offset + length));
}

void Worker::PunchHole(FileModel& file) {
  const uint64_t offset = PickOffset(file), length = PickLength(file, offset);
  FallocateRange(file, "punch hole", FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

void Worker::ZeroRange(FileModel& file) {
  const uint64_t offset = PickOffset(file), length = PickLength(file, offset);
  const int keep_size = random_.OneIn(2) ? FALLOC_FL_KEEP_SIZE : 0;
  FallocateRange(file, "zero range", FALLOC_FL_ZERO_RANGE | keep_size, offset, length);
}

void Worker::Allocate(FileModel& file) {
  const uint64_t offset = PickOffset(file), length = PickLength(file, offset);
  FallocateRange(file, "fallocate", random_.OneIn(2) ? FALLOC_FL_KEEP_SIZE : 0, offset, length);
}

// To another file, or within one; then the ranges must not overlap.
void Worker::Copy(FileModel& file) {
  FileModel& from = random_.OneIn(2) ? file : *files_[random_.Below(files_.size())];
  const uint64_t source = PickOffset(from), target = PickOffset(file);
  uint64_t length = PickLength(file, target);
  if (&from == &file)
    length = std::min(length, source > target ? source - target : target - source);
  const uint64_t from_size = from.content.size();
  const uint64_t want = source < from_size ? std::min(length, from_size - source) : 0;
  const std::string text = "copy_file_range from file " + Number(from.id) + " " + Number(source) +
                           " to file " + Number(file.id) + " " + Number(target) + " +" +
                           Number(length);
  Note(file, text);
  if (&from != &file) Note(from, text);
  const int from_fd = Fd(from), to_fd = Fd(file);
  off_t from_offset = static_cast<off_t>(source), to_offset = static_cast<off_t>(target);
  // Asks only once for what lies past the source's end, which the copy itself may move.
  uint64_t done = 0, ask = length;
  do {
    const ssize_t n = copy_file_range(from_fd, &from_offset, to_fd, &to_offset, ask, 0);
    if (n < 0) FailCall("copy_file_range");
    if (n == 0) break;
    done += static_cast<uint64_t>(n);
    ask = want - std::min(want, done);
  } while (done < want);
  if (done != want) FailCount("copies " + Number(done) + " bytes, not " + Number(want));
  if (from_offset != static_cast<off_t>(source + done) ||
      to_offset != static_cast<off_t>(target + done))
    FailCount("the offsets do not tell what was copied");
  from.content.Read(source, buffer_.get(), want);
  file.content.Write(target, buffer_.get(), want);
}

void Worker::SeekDataAndHole(FileModel& file) {
  const uint64_t offset = PickOffset(file);
  Note(file, "seek from " + Number(offset));
  try {
    CompareSeek(Fd(file), file.content, offset);
  } catch (const Finding&) {
    if (settings_.crash && !IsAlive()) throw FilesystemDied();
    throw;
  }
  if (lseek(Fd(file), static_cast<off_t>(file.position), SEEK_SET) < 0) FailCall("lseek");
}

void Worker::Fsync(FileModel& file) {
  const bool data_only = random_.OneIn(2);
  Note(file, data_only ? "fdatasync" : "fsync");
  const int fd = Fd(file);
  if ((data_only ? fdatasync(fd) : fsync(fd)) != 0) FailCall(data_only ? "fdatasync" : "fsync");
  file.synced = true;
  if (settings_.crash && random_.OneIn(2))
    file.rests_until = number_ + random_.Between(1, kLongestRest);
}

// So that reads come from the filesystem and not from the kernel's memory.
void Worker::DropCache(FileModel& file) {
  const bool write_first = random_.OneIn(2);
  Note(file, write_first ? "write back, drop cache" : "drop cache");
  constexpr unsigned kAndWait =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  if (write_first && sync_file_range(Fd(file), 0, 0, kAndWait) != 0) FailCall("sync_file_range");
  if (posix_fadvise(Fd(file), 0, 0, POSIX_FADV_DONTNEED) != 0) FailCount("posix_fadvise fails");
}

void Worker::CheckWhole(FileModel& file) {
  Note(file, "check whole");
  try {
    CompareWhole(Fd(file), file.content);
  } catch (const Finding&) {
    if (settings_.crash && !IsAlive()) throw FilesystemDied();
    throw;
  }
  if (lseek(Fd(file), static_cast<off_t>(file.position), SEEK_SET) < 0) FailCall("lseek");
}

}  // namespace chainfs::stress

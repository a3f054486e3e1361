// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and writing, in every way that there is.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "tests/stress/guarded_copy.h"
#include "tests/stress/worker.h"

namespace chainfs::stress {
namespace {

constexpr uint64_t kBlock = 4096;

std::string Range(const char* what, uint64_t offset, uint64_t length) {
  return std::string(what) + " " + std::to_string(offset) + " +" + std::to_string(length);
}

// Part of a file in memory, from a page's beginning on.
class Mapping {
 public:
  Mapping(int fd, uint64_t offset, uint64_t length, int protection)
      : length_(length),
        bytes_(mmap(nullptr, length, protection, MAP_SHARED, fd, static_cast<off_t>(offset))) {}
  ~Mapping() {
    if (*this) munmap(bytes_, length_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  explicit operator bool() const { return bytes_ != MAP_FAILED; }
  char* bytes() const { return static_cast<char*>(bytes_); }
  bool Sync(int flags) const { return msync(bytes_, length_, flags) == 0; }

 private:
  uint64_t length_;
  void* bytes_;
};

}  // namespace

void Worker::Write(FileModel& file) {
  const uint64_t offset = PickOffset(file), length = PickLength(file, offset);
  Note(file, Range("pwrite", offset, length));
  const char* bytes = NewBytes(length);
  const ssize_t n = pwrite(Fd(file), bytes, length, static_cast<off_t>(offset));
  if (n < 0) FailCall("pwrite");
  if (static_cast<uint64_t>(n) != length) FailCount("pwrite writes " + std::to_string(n));
  file.content.Write(offset, bytes, length);
}

// Half of the time goes somewhere else first.
void Worker::Prepare(FileModel& file, uint64_t offset) {
  const int fd = Fd(file);
  if (file.position < file.base + file.window && random_.OneIn(2)) {
    const off_t position = lseek(fd, 0, SEEK_CUR);
    if (position != static_cast<off_t>(file.position))
      FailCount("the position is " + std::to_string(position) + ", not " +
                std::to_string(file.position));
    return;
  }
  if (lseek(fd, static_cast<off_t>(offset), SEEK_SET) < 0) FailCall("lseek");
  file.position = offset;
}

void Worker::WriteAtPosition(FileModel& file) {
  Prepare(file, PickOffset(file));
  const uint64_t length = PickLength(file, file.position);
  Note(file, Range("write", file.position, length));
  const char* bytes = NewBytes(length);
  const ssize_t n = write(Fd(file), bytes, length);
  if (n < 0) FailCall("write");
  if (static_cast<uint64_t>(n) != length) FailCount("write writes " + std::to_string(n));
  file.content.Write(file.position, bytes, length);
  file.position += length;
}

void Worker::Append(FileModel& file) {
  const uint64_t size = file.content.size();
  if (size >= file.base + file.window) return;
  const uint64_t length = PickLength(file, size);
  Note(file, Range("append", size, length));
  const Descriptor fd(OpenAgain(file, O_WRONLY | O_APPEND));
  const char* bytes = NewBytes(length);
  const ssize_t n = write(fd.get(), bytes, length);
  if (n < 0) FailCall("write");
  if (static_cast<uint64_t>(n) != length) FailCount("write writes " + std::to_string(n));
  file.content.Write(size, bytes, length);
}

void Worker::Read(FileModel& file) {
  const uint64_t offset = PickOffset(file), length = PickLength(file, offset);
  Note(file, Range("pread", offset, length));
  const ssize_t n = pread(Fd(file), buffer_.get(), length, static_cast<off_t>(offset));
  if (n < 0) FailCall("pread");
  CompareRead(file, offset, length, buffer_.get(), n);
}

void Worker::ReadAtPosition(FileModel& file) {
  Prepare(file, PickOffset(file));
  const uint64_t length = PickLength(file, file.position);
  Note(file, Range("read", file.position, length));
  const ssize_t n = read(Fd(file), buffer_.get(), length);
  if (n < 0) FailCall("read");
  CompareRead(file, file.position, length, buffer_.get(), n);
  file.position += n;
}

void Worker::DirectWrite(FileModel& file) {
  const uint64_t offset = PickOffset(file) / kBlock * kBlock;
  const uint64_t length = (PickLength(file, offset) + kBlock - 1) / kBlock * kBlock;
  Note(file, Range("direct write", offset, length));
  const Descriptor fd(OpenAgain(file, O_WRONLY | O_DIRECT));
  const char* bytes = NewBytes(length);
  const ssize_t n = pwrite(fd.get(), bytes, length, static_cast<off_t>(offset));
  if (n < 0) FailCall("direct pwrite");
  if (static_cast<uint64_t>(n) != length) FailCount("direct pwrite writes " + std::to_string(n));
  file.content.Write(offset, bytes, length);
}

void Worker::DirectRead(FileModel& file) {
  const uint64_t offset = PickOffset(file) / kBlock * kBlock;
  const uint64_t length = (PickLength(file, offset) + kBlock - 1) / kBlock * kBlock;
  Note(file, Range("direct read", offset, length));
  const Descriptor fd(OpenAgain(file, O_RDONLY | O_DIRECT));
  const ssize_t n = pread(fd.get(), buffer_.get(), length, static_cast<off_t>(offset));
  if (n < 0) FailCall("direct pread");
  CompareRead(file, offset, length, buffer_.get(), n);
}

void Worker::MapWrite(FileModel& file) {
  const uint64_t size = file.content.size(), picked = PickOffset(file);
  if (size == 0) return;
  const uint64_t offset = std::min(picked, size - 1);
  const uint64_t length = std::min(PickLength(file, offset), size - offset);
  const int sync = random_.OneIn(40) ? MS_SYNC : MS_ASYNC;
  Note(file, Range(sync == MS_SYNC ? "mmap write, MS_SYNC," : "mmap write", offset, length));
  const uint64_t begin = offset / kBlock * kBlock;
  const Mapping mapping(Fd(file), begin, offset - begin + length, PROT_READ | PROT_WRITE);
  if (!mapping) FailCall("mmap");
  const char* bytes = NewBytes(length);
  errno = EIO;
  if (!GuardedCopy(mapping.bytes() + (offset - begin), bytes, length)) FailCall("SIGBUS");
  file.content.Write(offset, bytes, length);
  if (random_.OneIn(4) && !mapping.Sync(sync)) FailCall("msync");
}

// The rest of the last page past the end reads as zeros.
void Worker::MapRead(FileModel& file) {
  const uint64_t size = file.content.size(), picked = PickOffset(file);
  if (size == 0) return;
  const uint64_t offset = std::min(picked, size - 1), begin = offset / kBlock * kBlock;
  const uint64_t last_page_end = (size + kBlock - 1) / kBlock * kBlock;
  const uint64_t length = std::min(PickLength(file, offset), last_page_end - offset);
  Note(file, Range("mmap read", offset, length));
  const Mapping mapping(Fd(file), begin, offset - begin + length, PROT_READ);
  if (!mapping) FailCall("mmap");
  errno = EIO;
  if (!GuardedCopy(buffer_.get(), mapping.bytes() + (offset - begin), length)) FailCall("SIGBUS");
  if (const auto wrong = file.content.FirstDifference(offset, buffer_.get(), length))
    throw Finding(*wrong < size ? "wrong byte" : "not zero past the end", wrong);
}

}  // namespace chainfs::stress

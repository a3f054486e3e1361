// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stress/worker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace chainfs::stress {
namespace {

constexpr size_t kFiles = 10;
constexpr uint64_t kBlock = 4096, kRegion = 128 << 10;
constexpr uint64_t kMaxLength = 512 << 10;

}  // namespace

struct Worker::Operation {
  const char* name;
  unsigned weight;
  void (Worker::*run)(FileModel&);
  bool changes;     // the file or its names
  bool needs_name;  // does not work on an unlinked file
};

const Worker::Operation Worker::kOperations[] = {
    {"pwrite", 160, &Worker::Write, true, false},
    {"write", 60, &Worker::WriteAtPosition, true, false},
    {"append", 40, &Worker::Append, true, true},
    {"pread", 140, &Worker::Read, false, false},
    {"read", 60, &Worker::ReadAtPosition, false, false},
    {"direct write", 60, &Worker::DirectWrite, true, true},
    {"direct read", 60, &Worker::DirectRead, false, true},
    {"mmap write", 60, &Worker::MapWrite, true, false},
    {"mmap read", 60, &Worker::MapRead, false, false},
    {"truncate", 60, &Worker::Truncate, true, false},
    {"O_TRUNC", 8, &Worker::OpenTruncating, true, true},
    {"punch hole", 50, &Worker::PunchHole, true, false},
    {"zero range", 40, &Worker::ZeroRange, true, false},
    {"fallocate", 40, &Worker::Allocate, true, false},
    {"copy_file_range", 60, &Worker::Copy, true, false},
    {"seek", 60, &Worker::SeekDataAndHole, false, false},
    {"fsync", 4, &Worker::Fsync, false, false},
    {"drop cache", 20, &Worker::DropCache, false, false},
    {"check whole", 10, &Worker::CheckWhole, false, false},
    {"rename", 20, &Worker::Rename, true, true},
    {"link", 12, &Worker::Link, true, true},
    {"unlink", 15, &Worker::Unlink, true, true},
    {"reopen", 30, &Worker::Reopen, false, false},
};

Worker::Worker(const Settings& settings, int top, uint64_t thread, Files files,
               std::atomic<bool>* stop)
    : settings_(settings),
      top_(top),
      thread_(thread),
      files_(std::move(files)),
      stop_(stop),
      random_((settings.seed << 8) + thread),
      buffer_(static_cast<char*>(std::aligned_alloc(kBlock, kMaxLength + kBlock)), &std::free) {
  static_assert(std::size(kOperations) <= kMaxOperations);
  for (const auto& file : files_) next_id_ = std::max(next_id_, file->id + 1);
}

void Worker::Run(uint64_t operations) {
  while (number_ < operations && !*stop_) {
    if (number_ % 64 == 0 && std::chrono::steady_clock::now() >= settings_.deadline) return;
    Step();
  }
}

void Worker::Step() {
  ++number_;
  if (files_.empty() || (files_.size() < kFiles && random_.OneIn(30))) return Create();
  current_ = files_[random_.Below(files_.size())].get();
  FileModel& file = *current_;
  unsigned all = 0;
  for (const Operation& operation : kOperations) all += operation.weight;
  uint64_t pick = random_.Below(all);
  size_t chosen = 0;
  for (; pick >= kOperations[chosen].weight; ++chosen) pick -= kOperations[chosen].weight;
  if (settings_.crash && random_.OneIn(12)) {
    chosen = 0;
    while (kOperations[chosen].run != &Worker::Fsync) ++chosen;
  }
  const Operation& operation = kOperations[chosen];
  if (operation.needs_name && file.names.empty()) return;
  if (operation.changes) {
    if (number_ < file.rests_until) return;
    file.synced = false;
  }
  ++counts_[chosen];
  (this->*operation.run)(file);
  // The file may be gone.
  if (current_ != nullptr && random_.OneIn(4)) CheckStatus(file);
}

std::vector<Worker::Count> Worker::Counts() const {
  std::vector<Count> all;
  for (size_t i = 0; i < std::size(kOperations); ++i)
    all.push_back({kOperations[i].name, counts_[i]});
  return all;
}

void Worker::Note(FileModel& file, const std::string& text) {
  file.done.push_back("#" + std::to_string(number_) + " " + text);
  if (file.done.size() > settings_.history) file.done.pop_front();
}

void Worker::CheckStatus(FileModel& file) {
  struct stat status {};
  if (fstat(Fd(file), &status) != 0) FailCall("fstat");
  if (static_cast<uint64_t>(status.st_size) != file.content.size()) {
    FailCount("size is " + std::to_string(status.st_size) + ", not " +
              std::to_string(file.content.size()));
  }
  if (status.st_nlink != file.names.size()) {
    FailCount("the link count is " + std::to_string(status.st_nlink) + ", not " +
              std::to_string(file.names.size()));
  }
}

void Worker::FailCall(const std::string& call) { FailCount(call + ": " + std::strerror(errno)); }

void Worker::FailCount(const std::string& text) {
  if (settings_.crash && !IsAlive()) throw FilesystemDied();
  throw Finding(text);
}

// A name that was never asked for makes the kernel ask the filesystem.
bool Worker::IsAlive() {
  const std::string name =
      "probe-" + std::to_string(thread_) + "-" + std::to_string(number_ + probes_++);
  return faccessat(top_, name.c_str(), F_OK, 0) == 0 || errno == ENOENT;
}

int Worker::Fd(FileModel& file) {
  if (!file.fd) {
    file.fd = Descriptor(OpenAgain(file, O_RDWR));
    file.position = 0;
  }
  return file.fd.get();
}

// REQUIRES: the file has a name
int Worker::OpenAgain(FileModel& file, int flags) {
  const auto name = std::next(file.names.begin(), random_.Below(file.names.size()));
  const int fd = openat(top_, name->c_str(), flags | O_CLOEXEC);
  if (fd < 0) FailCall("open " + *name);
  return fd;
}

// Near block and region boundaries and the end more often than elsewhere.
uint64_t Worker::PickOffset(const FileModel& file) {
  const uint64_t base = random_.OneIn(6) ? 0 : file.base;
  const uint64_t near = random_.Below(5);  // 2: exactly there
  uint64_t offset = 0;
  switch (random_.Below(8)) {
    case 0:
    case 1:
    case 2:
      offset = random_.Below(file.window / kBlock + 1) * kBlock + near;
      break;
    case 3:
      offset = random_.Below(file.window / kRegion + 1) * kRegion + near;
      break;
    case 4:
      offset = file.content.size() > base ? file.content.size() - base + near : near;
      break;
    default:
      offset = random_.Below(file.window) + 2;
  }
  offset = offset < 2 ? 0 : offset - 2;
  return base + std::min(offset, file.window - 1);
}

uint64_t Worker::PickLength(const FileModel& file, uint64_t offset) {
  uint64_t length = 0;
  switch (random_.Below(8)) {
    case 0:
    case 1:
      length = random_.Between(1, 64);
      break;
    case 2:
    case 3:
      length = random_.Between(1, 4) * kBlock + random_.Below(3) - 1;
      break;
    case 4:
      length = random_.Between(1, 2) * kRegion + random_.Below(3) - 1;
      break;
    case 5:
      length = random_.Between(1, kMaxLength);
      break;
    default:
      length = random_.Between(1, 20000);
  }
  const uint64_t begin = offset >= file.base ? file.base : 0;
  const uint64_t room = begin + file.window > offset ? begin + file.window - offset : 1;
  return std::min({length, room, kMaxLength});
}

// Now and then zeros, which a filesystem may want to store as a hole.
char* Worker::NewBytes(uint64_t count) {
  if (random_.OneIn(12)) {
    std::memset(buffer_.get(), 0, count);
  } else {
    random_.Fill(buffer_.get(), count);
  }
  return buffer_.get();
}

void Worker::CompareRead(FileModel& file, uint64_t offset, uint64_t asked, const char* bytes,
                         ssize_t n) {
  const uint64_t size = file.content.size();
  const uint64_t want = offset >= size ? 0 : std::min(asked, size - offset);
  if (static_cast<uint64_t>(n) != want)
    FailCount("reads " + std::to_string(n) + " bytes, not " + std::to_string(want));
  if (const auto wrong = file.content.FirstDifference(offset, bytes, want))
    throw Finding("wrong byte", wrong);
}

}  // namespace chainfs::stress

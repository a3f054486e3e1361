// SPDX-License-Identifier: GPL-3.0-or-later
// One thread's random operations on its files.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/stress/file_model.h"
#include "tests/stress/random.h"

namespace chainfs::stress {

struct Settings {
  uint64_t seed = 1;
  uint64_t operations = 100000;  // of all threads together
  uint64_t threads = 4;
  int64_t only_thread = -1;  // the others do nothing, to replay what one did
  uint64_t history = 30;     // operations on a file that are shown with a finding
  bool crash = false;        // the filesystem may die; fsync often, let synced files rest
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

// The filesystem is gone, which only a crash run expects.
struct FilesystemDied {};

// Which operations a thread does depends on the seed, its number and its files' models only, so
// that the same arguments replay a run. Used by one thread; `stop` ends all.
class Worker {
 public:
  // `top` is a descriptor of the directory; it stays the caller's.
  Worker(const Settings& settings, int top, uint64_t thread, Files files, std::atomic<bool>* stop);

  // Throws Finding, or FilesystemDied. current_file() is then the file that it happened to.
  void Run(uint64_t operations);

  const Files& files() const { return files_; }
  const FileModel* current_file() const { return current_; }
  uint64_t number() const { return number_; }  // of the operation: how many were begun
  struct Count {
    const char* name;
    uint64_t count;
  };
  std::vector<Count> Counts() const;

 private:
  struct Operation;
  static const Operation kOperations[];
  static constexpr size_t kMaxOperations = 32;

  void Step();
  void Note(FileModel& file, const std::string& text);
  void CheckStatus(FileModel& file);
  [[noreturn]] void FailCall(const std::string& call);   // by errno
  [[noreturn]] void FailCount(const std::string& text);  // a call did less or more than it must
  bool IsAlive();
  int Fd(FileModel& file);
  int OpenAgain(FileModel& file, int flags);
  std::string FreeName();

  uint64_t PickOffset(const FileModel& file);
  uint64_t PickLength(const FileModel& file, uint64_t offset);
  char* NewBytes(uint64_t count);
  void CompareRead(FileModel& file, uint64_t offset, uint64_t asked, const char* bytes, ssize_t n);

  // worker_data.cc
  void Write(FileModel& file);
  void WriteAtPosition(FileModel& file);
  void Append(FileModel& file);
  void Read(FileModel& file);
  void ReadAtPosition(FileModel& file);
  void DirectWrite(FileModel& file);
  void DirectRead(FileModel& file);
  void MapWrite(FileModel& file);
  void MapRead(FileModel& file);
  // worker_ranges.cc
  void Truncate(FileModel& file);
  void OpenTruncating(FileModel& file);
  void PunchHole(FileModel& file);
  void ZeroRange(FileModel& file);
  void Allocate(FileModel& file);
  void Copy(FileModel& file);
  void SeekDataAndHole(FileModel& file);
  void Fsync(FileModel& file);
  void DropCache(FileModel& file);
  void CheckWhole(FileModel& file);
  // worker_names.cc
  void Create();
  void Rename(FileModel& file);
  void Link(FileModel& file);
  void Unlink(FileModel& file);
  void Reopen(FileModel& file);
  void Forget(FileModel* file);  // it has neither name nor descriptor

  void Prepare(FileModel& file, uint64_t offset);
  void FallocateRange(FileModel& file, const char* name, int mode, uint64_t offset,
                      uint64_t length);

  const Settings& settings_;
  const int top_;
  const uint64_t thread_;
  Files files_;
  std::atomic<bool>* stop_;
  Random random_;
  uint64_t number_ = 0;
  uint64_t next_id_ = 0;
  uint64_t probes_ = 0;
  FileModel* current_ = nullptr;
  std::array<uint64_t, kMaxOperations> counts_{};
  std::unique_ptr<char, void (*)(void*)> buffer_;  // aligned for O_DIRECT
};

}  // namespace chainfs::stress

// SPDX-License-Identifier: GPL-3.0-or-later
// Seals objects on all CPUs.
#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "crypto/sealing.h"
#include "fs/commit/pending_object.h"
#include "ledger/commit_lists.h"

namespace chainfs::fs {

// One frozen object, where its sealed blob goes, and the row that says so.
struct SealTask {
  const PendingObject* object;
  MutableByteView out;  // SealedBytes of the object's length
  ledger::Birth* birth;
};

// One caller at a time.
class ParallelSealer {
 public:
  // `threads` counts the caller, too.
  explicit ParallelSealer(unsigned threads);
  ~ParallelSealer();

  // Writes the blobs and the rows. The same object always gives the same bytes.
  void Seal(const crypto::ObjectSealer& sealer, std::span<const SealTask> tasks);

 private:
  struct Job;
  void WorkerLoop();
  static void RunJob(Job& job);

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  Job* job_ = nullptr;  // under mutex_
  uint64_t job_number_ = 0;
  unsigned running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace chainfs::fs

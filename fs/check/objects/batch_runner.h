// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a batch of like pieces of work on several threads while its owner prepares the next one.
//
//   prepare 1 | Start 1, prepare 2, Finish 1 | Start 2, prepare 3, Finish 2 | ...
//
// The owner is one thread; it works along in Finish.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace chainfs::fs::check {

class BatchRunner {
 public:
  // `threads` counts the owner.
  explicit BatchRunner(unsigned threads);
  ~BatchRunner();
  BatchRunner(const BatchRunner&) = delete;

  // work(0) to work(count - 1), in any order, each once. REQUIRES: the batch before is finished;
  // what `work` refers to outlives this one.
  void Start(size_t count, std::function<void(size_t)> work);
  // Returns when all of it is done; at once if nothing was started.
  void Finish();

 private:
  void WorkerLoop();
  void Work();

  std::function<void(size_t)> work_;  // of the batch; changed while nobody is running
  size_t count_ = 0;
  std::atomic<size_t> next_{0};

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  uint64_t batch_ = 0;  // under mutex_, as is what follows
  bool open_ = false;   // workers may still join in
  unsigned running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace chainfs::fs::check

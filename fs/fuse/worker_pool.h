// SPDX-License-Identifier: GPL-3.0-or-later
// WorkerPool: threads for operations that wait, so that the thread which received them need not.
//
// Threads are started as they are needed, up to a limit, and end only with the pool (see Ring for
// why). Jobs beyond the limit queue up in order. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace chainfs::fs::fuse {

// Something to run once, on another thread.
class Job {
 public:
  virtual ~Job() = default;
  virtual void Run() = 0;
};

template <class Function>
std::unique_ptr<Job> MakeJob(Function function) {
  struct FunctionJob final : Job {
    explicit FunctionJob(Function f) : function(std::move(f)) {}
    void Run() override { function(); }
    Function function;
  };
  return std::make_unique<FunctionJob>(std::move(function));
}

class WorkerPool {
 public:
  // Throws std::system_error if not even one thread can be started.
  explicit WorkerPool(unsigned max_threads);
  ~WorkerPool();  // runs what is queued, then joins
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Takes the job, or throws std::bad_alloc and leaves it to the caller.
  void Submit(std::unique_ptr<Job>&& job);

  // Whether a job submitted now would start at once.
  bool HasRoom() const;

 private:
  void Work();

  const unsigned max_threads_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool stopping_ = false;
};

// Starts a thread that takes no signals: they are for the main thread. It may run on any CPU that
// the process may, with an ordinary policy, although the caller may be the thread of a ring, which
// is pinned to one and may be yielding (RingPriority).
std::thread StartQuietThread(std::unique_ptr<Job> body);

}  // namespace chainfs::fs::fuse

// SPDX-License-Identifier: GPL-3.0-or-later
// Notifier: the thread that tells the kernel about inodes.
//
// - FlushThen: the kernel sends LSEEK without the dirty pages that it still holds, so that a file
//   being written would read as holes. An invalidation makes it write them first. That waits for
//   WRITE requests, uninterruptibly: hence a thread of its own, which never answers a request. (The
//   kernel delivers the next request of a ring's entry through the thread that answered the last
//   one. Were that this thread, it could be waiting for the very request it has to deliver.)
// - BlocksChanged: the kernel caches st_blocks over a writeback of a file that stays open. Its
//   attributes are invalidated about a second later, once for all writes in between.
//
// Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "fs/fuse/worker_pool.h"

struct fuse_session;

namespace chainfs::fs::fuse {

class Notifier {
 public:
  // The jobs run on `workers`, which must outlive Stop().
  explicit Notifier(WorkerPool& workers) : workers_(workers) {}
  ~Notifier() { Stop(); }
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // REQUIRES: `session` lives until Stop().
  void Start(fuse_session* session);

  // Ends the thread; jobs run without a flush from then on. A notification on its way to the kernel
  // is waited for: if nobody serves the mount any more, its connection must have been aborted.
  void Stop();

  // Throws std::bad_alloc and leaves the job to the caller.
  void FlushThen(uint64_t inode, std::unique_ptr<Job>&& job);
  void BlocksChanged(uint64_t inode);
  // The kernel's next write(2) to the file asks for its attributes; see RefusedWrites.
  void AskAtNextWrite(uint64_t inode);

 private:
  struct Flush {
    uint64_t inode;
    std::unique_ptr<Job> then;
  };

  void Work();
  void RunNextFlush(std::unique_lock<std::mutex>& lock);
  void RefreshOne(std::unique_lock<std::mutex>& lock);

  WorkerPool& workers_;
  fuse_session* session_ = nullptr;
  std::mutex thread_mutex_;  // taken before mutex_
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<Flush> flushes_;
  std::unordered_set<uint64_t> written_;     // since the last refresh
  std::unordered_set<uint64_t> refreshing_;  // what is left of the running refresh
};

}  // namespace chainfs::fs::fuse

// SPDX-License-Identifier: GPL-3.0-or-later
// Ring: what makes it safe to answer a FUSE-over-io_uring request from another thread.
//
// libfuse serves each CPU's ring with one pinned thread, one request after the other. An operation
// that waits must therefore be handed to a worker thread, which answers it later. In libfuse 3.18
// that has two faults, which this class repairs from outside:
//
// - The ring's thread flushes the submission queue in io_uring_submit_and_wait() without a lock,
//   so that it can submit an entry that another thread is only half through preparing: the answer
//   is lost and the program hangs (libfuse issue 1443). The linker gives us that call (--wrap):
//   Ring's mutex is held by the ring's thread except while the kernel has it waiting, and by a
//   worker while it answers.
// - At the end of a session the rings are freed under the feet of the workers (libfuse pull request
//   1481). A Ring belongs to its thread, libfuse joins that thread before it frees the ring, and
//   the thread does not end before every request handed over has been answered.
//
// A thread that has once answered over a ring must not end before the session does: the kernel
// ties the ring's entry to it and would cancel the entry.
#pragma once

#include <condition_variable>
#include <mutex>
#include <new>
#include <utility>

#include "fs/fuse/disk_reads.h"
#include "fs/fuse/ring_priority.h"
#include "fs/fuse/spin.h"

struct io_uring;

namespace chainfs::fs::fuse {

class Ring {
 public:
  // The ring that the calling thread serves; null on any other thread.
  static Ring* Current();

  Ring();
  ~Ring();  // waits for the requests handed over
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // On the ring's own thread: a request leaves it. EndHandOver by whoever has answered it.
  void BeginHandOver();
  void EndHandOver();

  // On the ring's own thread, which runs `then` there once the range is in memory, or cannot be
  // read, and serves other requests until then. False: that cannot be had. Does not throw.
  template <class Function>
  bool WhenRead(const store::DiskRange& range, Function then) {
    try {
      return disk_.Start(range, MakeJob(std::move(then)));
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  // Held while answering from another thread.
  std::mutex& answering() { return mutex_; }

  // In place of io_uring_submit_and_wait(), on the ring's own thread.
  int SubmitAndWait(io_uring* ring, unsigned wait_for);

 private:
  void WaitForRequestOrDisk(io_uring* ring);

  std::mutex mutex_;
  std::unique_lock<std::mutex> held_;  // by the ring's thread
  std::mutex count_mutex_;
  std::condition_variable none_left_;
  unsigned handed_over_ = 0;
  RingPriority priority_;
  Spin spin_;
  DiskReads disk_;
};

}  // namespace chainfs::fs::fuse

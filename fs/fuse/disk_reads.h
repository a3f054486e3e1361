// SPDX-License-Identifier: GPL-3.0-or-later
// DiskReads: waits for the disk without a thread that sleeps. A read of what is missing is given to
// an io_uring of its own; once it is done, what needs it can be tried again. What was read is
// thrown away: it is in the page cache.
//
// Source: io_uring(7). One thread, from the first use to the end.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "fs/fuse/worker_pool.h"
#include "fs/store/disk_range.h"

namespace chainfs::fs::fuse {

class DiskReads {
 public:
  DiskReads();
  ~DiskReads();  // waits for the reads; what was to follow them does not run any more
  DiskReads(const DiskReads&) = delete;

  // False: the kernel gives us no ring, or too much is being read. Throws std::bad_alloc.
  bool Start(const store::DiskRange& range, std::unique_ptr<Job> then);
  // Runs what was to follow the reads that are done, whether they succeeded or not. Does not wait.
  void RunFinished();

  bool IsOneDone() const;
  size_t count() const { return count_; }  // of reads under way
  int fd() const;                          // readable when one is done. REQUIRES: count() > 0

 private:
  struct Queue;
  std::unique_ptr<Queue> queue_;  // null: not needed yet, or not to be had
  bool failed_ = false;
  size_t count_ = 0;
};

}  // namespace chainfs::fs::fuse

// SPDX-License-Identifier: GPL-3.0-or-later
// The background work on inodes without a name: those that lost their last Forget, large ones that
// lost their last name, and those that a crash left behind (unfinished truncations among them).
//
// One thread. Many small orphans share a Change, since `rm -r` makes millions of them; a large one
// takes many Changes, so that nobody waits long for the tree.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/base/types.h"

namespace chainfs::fs {

struct Core;

// Thread-safe. A reclaimer that was never started forgets what is enqueued: the ORPHAN items are
// there at the next mount.
class OrphanReclaimer {
 public:
  // `core` must outlive it.
  explicit OrphanReclaimer(Core& core) : core_(core) {}
  OrphanReclaimer(const OrphanReclaimer&) = delete;
  OrphanReclaimer& operator=(const OrphanReclaimer&) = delete;
  ~OrphanReclaimer() { Stop(); }

  // Starts the thread, which begins with the ORPHAN items that it finds.
  // REQUIRES: nobody has used the volume yet.
  Result<void> Start();
  // Unmount: nobody holds an inode any more, so the held ones are reclaimed, too. What takes
  // longer than a few seconds is left to the next mount. Then the thread ends.
  void Stop();

  // Never waits for the tree or the disk.
  void Enqueue(InodeNumber inode);
  // Returns when everything enqueued before has been reclaimed, or has failed to be.
  void Drain();

 private:
  using Batch = std::vector<InodeNumber>;
  void Run();
  // The numbers of up to `most` ORPHAN items after `after`.
  Result<Batch> FindOrphans(InodeNumber after, size_t most);
  void EnqueueWhatACrashLeft();
  void ReclaimTheHeld();
  // Does one step of each. Gives those that are not finished; those that are damaged count as
  // finished. kReadOnly, kNoSpace: nothing was done.
  Result<Batch> Step(const Batch& batch, bool held_too);
  struct Sorted {
    Batch unlinked, truncated;
  };
  // Those of the batch that still have an ORPHAN item; the unlinked ones are warmed.
  Sorted Sort(const Batch& batch);
  // One step of each. Gives those that are not finished.
  Batch ContinueTruncations(const Batch& batch);
  bool idle() const { return queue_.empty() && in_hand_ == 0; }

  Core& core_;
  std::mutex mutex_;
  std::condition_variable work_;  // for the thread
  std::condition_variable done_;  // for Drain
  std::deque<InodeNumber> queue_;
  size_t in_hand_ = 0;  // taken from the queue and not finished
  size_t drains_ = 0;   // calls of Drain that wait
  bool stuck_ = false;  // the last step could not begin; it is tried again
  bool running_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/ring.h"

#include <pthread.h>

#ifdef CHAINFS_FUSE_IO_URING
#include <liburing.h>
#include <poll.h>

#include <atomic>
#include <cerrno>
#endif

namespace chainfs::fs::fuse {
namespace {

thread_local Ring* current = nullptr;

}  // namespace

Ring* Ring::Current() { return current; }

Ring::Ring() : held_(mutex_) {
  // libfuse cancels ring threads as well as waking them. Waking suffices, and a cancellation in
  // the middle of an operation would unwind it with its locks held.
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  current = this;
}

Ring::~Ring() {
  if (held_.owns_lock()) held_.unlock();
  std::unique_lock lock(count_mutex_);
  none_left_.wait(lock, [this] { return handed_over_ == 0; });
  current = nullptr;
}

void Ring::BeginHandOver() {
  std::lock_guard lock(count_mutex_);
  ++handed_over_;
}

void Ring::EndHandOver() {
  std::lock_guard lock(count_mutex_);
  if (--handed_over_ == 0) none_left_.notify_all();
}

#ifdef CHAINFS_FUSE_IO_URING

namespace {

// Publishes the prepared entries to the kernel. Gives how many it has not consumed yet.
unsigned Flush(io_uring_sq& queue) {
  const unsigned tail = queue.sqe_tail;
  if (queue.sqe_head != tail) {
    queue.sqe_head = tail;
    std::atomic_ref<unsigned>(*queue.ktail).store(tail, std::memory_order_release);
  }
  return tail - std::atomic_ref<unsigned>(*queue.khead).load(std::memory_order_acquire);
}

}  // namespace

int Ring::SubmitAndWait(io_uring* ring, unsigned wait_for) {
  const unsigned prepared = Flush(ring->sq);
  held_.unlock();
  if (prepared > 0) priority_.Answering();
  const bool disk_too = disk_.count() > 0;
  int result = 0;
  if (prepared > 0 || !disk_too) {
    result = io_uring_enter(static_cast<unsigned>(ring->ring_fd), prepared, disk_too ? 0 : wait_for,
                            IORING_ENTER_GETEVENTS, nullptr);
  }
  if (disk_too) WaitForRequestOrDisk(ring);
  held_.lock();
  return result;
}

// Until there is a request. What is answered meanwhile libfuse submits at once.
void Ring::WaitForRequestOrDisk(io_uring* ring) {
  const auto is_ready = [&] { return io_uring_cq_ready(ring) > 0 || disk_.IsOneDone(); };
  while (io_uring_cq_ready(ring) == 0) {
    const bool may_spin = disk_.count() == 1 && priority_.IsYielding();
    if (!may_spin || !spin_.Until(is_ready)) {
      pollfd ready[2] = {{ring->ring_fd, POLLIN, 0}, {disk_.fd(), POLLIN, 0}};
      // Interrupted: the kernel may have had something to do for a ring in this thread.
      if (::poll(ready, disk_.count() > 0 ? 2 : 1, -1) < 0 && errno != EINTR) return;
    }
    if (!disk_.IsOneDone()) continue;
    priority_.Answering();
    held_.lock();
    disk_.RunFinished();
    held_.unlock();
  }
}

#endif  // CHAINFS_FUSE_IO_URING

}  // namespace chainfs::fs::fuse

#ifdef CHAINFS_FUSE_IO_URING

// The name is the linker's: --wrap sends libfuse's calls here.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int __wrap_io_uring_submit_and_wait(io_uring* ring, unsigned wait_for) {
  static thread_local chainfs::fs::fuse::Ring own;
  return own.SubmitAndWait(ring, wait_for);
}

#endif

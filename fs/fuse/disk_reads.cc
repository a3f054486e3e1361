// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/disk_reads.h"

#ifdef CHAINFS_FUSE_IO_URING
#include <liburing.h>
#endif

#include <array>
#include <utility>

namespace chainfs::fs::fuse {

#ifdef CHAINFS_FUSE_IO_URING

namespace {

constexpr unsigned kMostReads = 64;
// The blob of a whole region and more. A larger read is for a thread of its own.
constexpr size_t kMostBytes = 256u << 10;

}  // namespace

struct DiskReads::Queue {
  ~Queue() {
    if (is_open) io_uring_queue_exit(&ring);
  }

  io_uring ring{};
  bool is_open = false;
  std::array<std::unique_ptr<Job>, kMostReads> jobs;  // by the number that the kernel is given
  std::vector<unsigned> free;
  // Where all reads go. Nobody looks at it.
  std::unique_ptr<uint8_t[]> sink = std::make_unique_for_overwrite<uint8_t[]>(kMostBytes);
};

DiskReads::DiskReads() = default;

DiskReads::~DiskReads() {
  for (io_uring_cqe* done = nullptr; count_ > 0; --count_) {
    if (io_uring_wait_cqe(&queue_->ring, &done) != 0) {
      (void)queue_.release();  // the kernel may still write into it
      return;
    }
    io_uring_cqe_seen(&queue_->ring, done);
  }
}

int DiskReads::fd() const { return queue_->ring.ring_fd; }

bool DiskReads::Start(const store::DiskRange& range, std::unique_ptr<Job> then) {
  if (failed_ || range.bytes > kMostBytes) return false;
  if (!queue_) {
    auto queue = std::make_unique<Queue>();
    for (unsigned i = kMostReads; i-- > 0;) queue->free.push_back(i);
    queue->is_open = io_uring_queue_init(kMostReads, &queue->ring, 0) == 0;
    failed_ = !queue->is_open;
    if (failed_) return false;
    queue_ = std::move(queue);
  }
  if (queue_->free.empty()) return false;
  io_uring_sqe* const entry = io_uring_get_sqe(&queue_->ring);
  if (entry == nullptr) return false;
  const unsigned slot = queue_->free.back();
  io_uring_prep_read(entry, range.file, queue_->sink.get(), static_cast<unsigned>(range.bytes),
                     range.offset);
  entry->user_data = slot;
  if (io_uring_submit(&queue_->ring) == 1) {
    queue_->free.pop_back();
    queue_->jobs[slot] = std::move(then);
    ++count_;
    return true;
  }
  // The entry cannot be taken back. So this ring takes no more, and nothing flushes it.
  failed_ = true;
  return false;
}

bool DiskReads::IsOneDone() const { return count_ > 0 && io_uring_cq_ready(&queue_->ring) > 0; }

void DiskReads::RunFinished() {
  for (io_uring_cqe* done = nullptr;
       count_ > 0 && io_uring_peek_cqe(&queue_->ring, &done) == 0 && done != nullptr;) {
    const auto slot = static_cast<unsigned>(done->user_data);
    io_uring_cqe_seen(&queue_->ring, done);
    const std::unique_ptr<Job> job = std::move(queue_->jobs[slot]);
    queue_->free.push_back(slot);
    --count_;
    job->Run();  // may start another
  }
}

#else

struct DiskReads::Queue {};

DiskReads::DiskReads() = default;
DiskReads::~DiskReads() = default;
int DiskReads::fd() const { return -1; }
bool DiskReads::Start(const store::DiskRange&, std::unique_ptr<Job>) { return false; }
bool DiskReads::IsOneDone() const { return false; }
void DiskReads::RunFinished() {}

#endif

}  // namespace chainfs::fs::fuse

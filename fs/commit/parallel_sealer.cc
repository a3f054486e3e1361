// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/parallel_sealer.h"

#include <algorithm>
#include <atomic>

#include "crypto/sha256.h"

namespace chainfs::fs {
namespace {
constexpr size_t kWorthWaking = 256 * 1024;  // fewer bytes are sealed faster than a thread wakes
}  // namespace

struct ParallelSealer::Job {
  const crypto::ObjectSealer& sealer;
  const std::span<const SealTask> tasks;
  std::atomic<size_t> next{0};
};

ParallelSealer::ParallelSealer(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { WorkerLoop(); });
}

ParallelSealer::~ParallelSealer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ParallelSealer::RunJob(Job& job) {
  std::vector<ByteView> parts;
  Bytes scratch;
  constexpr size_t kBatch = 8;
  for (;;) {
    const size_t begin = job.next.fetch_add(kBatch);
    const size_t end = std::min(begin + kBatch, job.tasks.size());
    if (begin >= end) return;
    for (const SealTask& task : job.tasks.subspan(begin, end - begin)) {
      const PendingObject& object = *task.object;
      parts.clear();
      object.Gather(parts, scratch);
      job.sealer.Seal(object.type(), object.pointer(), parts, task.out);
      *task.birth = {object.id(), object.type(), static_cast<uint32_t>(task.out.size()),
                     object.pointer().nonce, crypto::Sha256(task.out)};
    }
  }
}

void ParallelSealer::WorkerLoop() {
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || (job_ != nullptr && job_number_ != seen); });
    if (stopping_) return;
    seen = job_number_;
    Job& job = *job_;
    ++running_;
    lock.unlock();
    RunJob(job);
    lock.lock();
    if (--running_ == 0) finished_.notify_all();
  }
}

void ParallelSealer::Seal(const crypto::ObjectSealer& sealer, std::span<const SealTask> tasks) {
  Job job{sealer, tasks};
  size_t total = 0;
  for (const SealTask& task : tasks) total += task.out.size();
  if (workers_.empty() || total < kWorthWaking) return RunJob(job);
  {
    std::lock_guard lock(mutex_);
    job_ = &job;
    ++job_number_;
  }
  wake_.notify_all();
  RunJob(job);
  std::unique_lock lock(mutex_);
  job_ = nullptr;  // whoever has not woken yet has nothing to do
  finished_.wait(lock, [&] { return running_ == 0; });
}

}  // namespace chainfs::fs

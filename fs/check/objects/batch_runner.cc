// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/objects/batch_runner.h"

namespace chainfs::fs::check {

BatchRunner::BatchRunner(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { WorkerLoop(); });
}

BatchRunner::~BatchRunner() {
  Finish();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void BatchRunner::Start(size_t count, std::function<void(size_t)> work) {
  {
    std::lock_guard lock(mutex_);
    work_ = std::move(work);
    count_ = count;
    next_ = 0;
    ++batch_;
    open_ = true;
  }
  wake_.notify_all();
}

void BatchRunner::Finish() {
  Work();
  std::unique_lock lock(mutex_);
  open_ = false;  // whoever has not woken yet has nothing to do
  finished_.wait(lock, [&] { return running_ == 0; });
  count_ = 0;
}

void BatchRunner::Work() {
  for (size_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) work_(i);
}

void BatchRunner::WorkerLoop() {
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || (open_ && batch_ != seen); });
    if (stopping_) return;
    seen = batch_;
    ++running_;
    lock.unlock();
    Work();
    lock.lock();
    if (--running_ == 0) finished_.notify_all();
  }
}

}  // namespace chainfs::fs::check

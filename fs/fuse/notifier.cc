// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/notifier.h"

#include <chrono>

#include "fs/fuse/library.h"

namespace chainfs::fs::fuse {
namespace {

constexpr std::chrono::seconds kRefreshInterval{1};

// Offsets of an invalidation: from 0 with length 0, every page; negative, attributes alone.
constexpr off_t kAllPages = 0;
constexpr off_t kAttributesOnly = -1;

}  // namespace

void Notifier::Start(fuse_session* session) {
  session_ = session;
  thread_ = StartQuietThread(MakeJob([this] { Work(); }));
}

void Notifier::Stop() {
  std::lock_guard thread_lock(thread_mutex_);
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Notifier::FlushThen(uint64_t inode, std::unique_ptr<Job>&& job) {
  std::lock_guard lock(mutex_);
  if (stopping_) return workers_.Submit(std::move(job));
  flushes_.push_back({inode, nullptr});
  flushes_.back().then = std::move(job);
  wake_.notify_all();
}

void Notifier::BlocksChanged(uint64_t inode) {
  std::lock_guard lock(mutex_);
  written_.insert(inode);
}

void Notifier::AskAtNextWrite(uint64_t inode) {
  std::lock_guard lock(mutex_);
  refreshing_.insert(inode);
  wake_.notify_all();
}

void Notifier::Work() {
  std::unique_lock lock(mutex_);
  for (auto refresh_at = std::chrono::steady_clock::now() + kRefreshInterval;;) {
    if (!flushes_.empty()) {
      RunNextFlush(lock);
    } else if (stopping_) {
      return;
    } else if (!refreshing_.empty()) {
      RefreshOne(lock);
    } else if (std::chrono::steady_clock::now() >= refresh_at) {
      refreshing_.swap(written_);
      refresh_at = std::chrono::steady_clock::now() + kRefreshInterval;
    } else {
      wake_.wait_until(lock, refresh_at);
    }
  }
}

void Notifier::RunNextFlush(std::unique_lock<std::mutex>& lock) {
  Flush flush = std::move(flushes_.front());
  flushes_.pop_front();
  const bool notify = !stopping_;
  lock.unlock();
  // A failure says that the kernel does not know the inode any more: it holds no pages of it.
  if (notify) fuse_lowlevel_notify_inval_inode(session_, flush.inode, kAllPages, 0);
  workers_.Submit(std::move(flush.then));
  lock.lock();
}

void Notifier::RefreshOne(std::unique_lock<std::mutex>& lock) {
  const uint64_t inode = *refreshing_.begin();
  refreshing_.erase(refreshing_.begin());
  lock.unlock();
  fuse_lowlevel_notify_inval_inode(session_, inode, kAttributesOnly, 0);
  lock.lock();
}

}  // namespace chainfs::fs::fuse

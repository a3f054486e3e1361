// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/anchor_writer.h"

#include <utility>

namespace chainfs::fs::anchor {

AnchorWriter::AnchorWriter(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

void AnchorWriter::Note(Anchor anchor) {
  {
    std::lock_guard lock(mutex_);
    newest_ = std::move(anchor);
  }
  changed_.notify_one();
}

void AnchorWriter::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void AnchorWriter::Run() {
  auto not_before = std::chrono::steady_clock::now();
  bool failing = false;
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    changed_.wait(lock, [&] { return newest_ || stopping_; });
    changed_.wait_until(lock, not_before, [&] { return stopping_; });
    if (!newest_) return;
    last = stopping_;
    Anchor anchor = *std::exchange(newest_, std::nullopt);
    lock.unlock();
    const Result<void> written = options_.remember(anchor);
    if (!written && !failing) options_.on_failure(written.error());
    failing = !written;
    not_before = std::chrono::steady_clock::now() + (failing ? options_.retry : options_.interval);
    lock.lock();
    if (failing && !newest_) newest_ = std::move(anchor);
  }
}

}  // namespace chainfs::fs::anchor

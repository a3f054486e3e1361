// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/signals.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace chainfs::fs::fuse {
namespace {

std::atomic<int> watched_event = -1;

void Forward(int) {
  const int saved = errno;
  Signal(watched_event);
  errno = saved;
}

}  // namespace

void Signal(int event) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(event, &one, sizeof one);
}

SignalWatch::SignalWatch(int event) {
  watched_event = event;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = kSignals[i] == SIGPIPE ? SIG_IGN : Forward;
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], &action, &previous_[i]);
  }
}

SignalWatch::~SignalWatch() {
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &previous_[i], nullptr);
  watched_event = -1;
}

}  // namespace chainfs::fs::fuse

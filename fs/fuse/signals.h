// SPDX-License-Identifier: GPL-3.0-or-later
// SignalWatch: while it lives, SIGTERM, SIGINT and SIGHUP write to an eventfd, and SIGPIPE does
// nothing. Made and destroyed by one thread, one a process at a time.
#pragma once

#include <signal.h>

#include <array>

namespace chainfs::fs::fuse {

class SignalWatch {
 public:
  // REQUIRES: `event` stays open.
  explicit SignalWatch(int event);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  static constexpr std::array kSignals = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};
  std::array<struct sigaction, kSignals.size()> previous_;
};

// Adds one to an eventfd. Safe in a signal handler.
void Signal(int event);

}  // namespace chainfs::fs::fuse

// SPDX-License-Identifier: GPL-3.0-or-later
// Guard: a small process beside the daemon that clears up after it when it is brought down, however
// that happens: SIGKILL leaves the daemon no last word, nor can it end while a thread of its own
// waits for an answer through its mount (DeadMount).
//
//   Guard guard(mount_point);   // forked before there is anything secret in memory
//   ... ask, unlock, fork into the background, mount ...
//   guard.Watch(device_minor);  // from now on the mount is cleared when the daemon ends
//   guard.Dismiss();            // unmounted: the guard has ended
//
// The guard cannot wait for the daemon's end, because what keeps it from ending is what the guard
// is there to break; and what the daemon has open stays open for as long. It learns of the death
// from a thread of the daemon's, the heart, which has descriptors of its own: one, the connection
// to the guard. A thread that waits for nothing but this process dies at once when it is killed,
// and with it the connection breaks.
//
// Best effort: where it cannot be forked, or is killed, the mount works without it.
// One thread at a time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "fs/store/descriptor.h"

namespace chainfs::tools {

class Guard {
 public:
  // Forks the guard, and waits until it is in a session of its own, in /, with nothing open but the
  // connection. It ignores the signals that ask a program to end: it ends after this process and
  // every child of it that has not let go of it.
  // REQUIRES: this process has one thread. `mount_point` is canonical.
  explicit Guard(const std::string& mount_point);
  ~Guard() { Dismiss(); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // The calling process is the daemon, and this is its mount's device number. Starts a thread.
  void Watch(unsigned device_minor);

  // There is nothing to clear up any more: ends the guard and waits for its end.
  void Dismiss();

  // After a fork, in the process that is not the one to be guarded.
  void LetGo();

  // A pidfd, readable once the guard has ended; -1: there is none.
  int process() const { return process_.get(); }

 private:
  void BeHeart();

  fs::store::Descriptor process_;
  fs::store::Descriptor channel_;
  bool watches_ = false;
  std::thread heart_;
  std::mutex mutex_;
  std::condition_variable changed_;
  enum class Heart { kStarting, kApart, kFailed, kDismissed } state_ = Heart::kStarting;
};

}  // namespace chainfs::tools

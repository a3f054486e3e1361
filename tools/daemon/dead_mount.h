// SPDX-License-Identifier: GPL-3.0-or-later
// DeadMount: what a daemon that is brought down leaves behind, and how it is cleared away.
//
// The kernel fails every request once the process is gone, but what it leaves at the mount point
// answers ENOTCONN until somebody unmounts it. And the process is not gone while one of its threads
// waits for an answer through its own mount (it has the kernel write back, or looks whether the
// mount answers): that cannot be interrupted, nor killed. So whoever clears up first breaks the
// connection, then waits for the process's end, and then unmounts. Not before: to unmount writes
// back what the kernel holds, and nobody would serve that.
//
// Once made it makes system calls and nothing else, from memory of its own: its functions may be
// called in a signal handler. Immutable; thread-safe.
#pragma once

#include <limits.h>

#include <string>

#include "fs/fuse/connection_control.h"

namespace chainfs::tools {

class DeadMount {
 public:
  // Of the mount at `mount_point` (canonical) whose device has this minor number. While it lives:
  // the number may be another mount's later.
  DeadMount(const std::string& mount_point, unsigned device_minor);

  // Fails all requests, now and later. Needs root; for others it does nothing.
  void BreakConnection() const;

  // Unmounts it, if it still is what is mounted there, and ends the calling process.
  // REQUIRES: the daemon has ended.
  [[noreturn]] void ClearAndExit() const;

 private:
  bool IsStillThere() const;

  char mount_point_[PATH_MAX];
  char fusermount_[PATH_MAX];  // empty: root, who needs none
  unsigned device_minor_;
  fs::fuse::ConnectionControl connection_;
};

}  // namespace chainfs::tools

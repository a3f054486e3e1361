// SPDX-License-Identifier: GPL-3.0-or-later
// What the daemon says when a fatal signal brings it down. LMDB trusts its file, so a damaged
// database can do that (SIGSEGV, SIGBUS, its assertions), as can a defect (SIGFPE, SIGILL, abort).
//
// One line goes to the log, to whoever waits for the start, and nowhere else: no core, and nothing
// from the daemon's memory but the vault's path. Then the mount point is cleared (DeadMount): by
// the guard, who learns of the end by itself (guard.h), or by a forked child where there is none.
// Then the signal takes its course.
//
// The handler makes system calls and nothing else, from memory that is set up here. It runs on a
// stack of its own in the thread that installs it. A stack that overflows in another thread ends
// the daemon without a word, and so does SIGKILL: the guard clears up all the same.
//
// State of the process. Install before there are threads; the others are for any thread.
#pragma once

#include <string>

namespace chainfs::tools {

struct CrashReport {
  std::string vault;
  std::string log;   // as PlaceOfLog says
  int starter = -1;  // StartReport's pipe
  int guard = -1;    // Guard's process; -1: there is none
  std::string log_socket = "/dev/log";
};

void InstallCrashReport(const CrashReport& report);

// Nobody waits on the pipe any more. Before it is closed: its number may be another file's then.
void ForgetStarter();

// What a crash leaves at `mount_point` (canonical) is to be cleared away, if the mount there has
// this device number.
void ClearMountOnCrash(const std::string& mount_point, unsigned device_minor);
// It is unmounted, or about to be.
void ForgetMount();

}  // namespace chainfs::tools

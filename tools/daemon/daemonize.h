// SPDX-License-Identifier: GPL-3.0-or-later
// Starting in the background: the parent stays until the child says that it is up, so that whoever
// started the program learns how it went.
#pragma once

#include <functional>
#include <string>

#include "fs/store/descriptor.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

// How the start went, told to whoever waits for it. One thread at a time.
class StartReport {
 public:
  // In the foreground: `program` tells its own stderr.
  explicit StartReport(std::string program) : program_(std::move(program)) {}
  // In the background: tells the parent, through this pipe.
  StartReport(std::string program, fs::store::Descriptor pipe)
      : program_(std::move(program)), pipe_(std::move(pipe)) {}

  // Up. `notice` (if any) is printed, and the parent exits with 0; the child's stdin, stdout and
  // stderr become /dev/null.
  void Ready(const std::string& notice);
  // Prints the message; the parent exits with the code. Returns it for the child's own exit.
  int Failed(const Failure& failure);

  // Where the parent reads, for who may have to write there in a signal handler: a byte of exit
  // code, and the message. -1: nobody waits.
  int pipe() const { return pipe_.get(); }

 private:
  std::string program_;
  fs::store::Descriptor pipe_;
};

// Forks. The child starts a session of its own in / and runs `body`, whose result is its exit
// code. The parent waits for the report, prints it and returns its code; if the child ends without
// one, it says how (kInternal); Ctrl-C ends the child too (kInterrupted). `in_parent` runs in the
// parent first, to let go of what only the child is to hold.
// REQUIRES: this process has one thread.
int RunInBackground(
    const std::string& program, const std::function<int(StartReport&)>& body,
    const std::function<void()>& in_parent = [] {});

}  // namespace chainfs::tools

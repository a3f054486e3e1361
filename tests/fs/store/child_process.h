// SPDX-License-Identifier: GPL-3.0-or-later
// A forked child for tests: runs a function, talks over a pipe, is waited for or killed. The
// function's bool is the exit status. One thread.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>

namespace chainfs::fs::store {

class ChildProcess {
 public:
  // REQUIRES: no other thread is running. `body` gets the writing end of the pipe.
  explicit ChildProcess(const std::function<bool(int report)>& body) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ < 0) std::abort();
    if (pid_ == 0) {
      ::close(ends[0]);
      ::_exit(body(ends[1]) ? 0 : 1);
    }
    ::close(ends[1]);
    reports_ = ends[0];
  }
  ~ChildProcess() {
    Kill();
    ::close(reports_);
  }
  ChildProcess(const ChildProcess&) = delete;

  // Waits for the next report; false once the child has gone.
  template <class T>
  bool Receive(T& value) const {
    return ::read(reports_, &value, sizeof value) == sizeof value;
  }
  template <class T>
  static void Send(int report, const T& value) {
    if (::write(report, &value, sizeof value) != sizeof value) ::_exit(2);
  }
  bool Succeeds() {
    int status = -1;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int reports_ = -1;
};

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/daemonize.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "tools/daemon/crash_report.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&signals, signal);
  return signals;
}

// A report on the pipe is one byte of exit code, then the text, then the end.
// nullopt: one of `signals` came first.
std::optional<std::string> ReadReport(int pipe, int signals) {
  std::string report;
  while (true) {
    std::array<pollfd, 2> fds = {{{pipe, POLLIN, 0}, {signals, POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return report;
    if (fds[1].revents != 0) return {};
    if (fds[0].revents == 0) continue;
    std::array<char, 1024> buffer;
    ssize_t n = read(pipe, buffer.data(), buffer.size());
    if (n <= 0) return report;
    report.append(buffer.data(), static_cast<size_t>(n));
  }
}

std::string HowItEnded(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) return "it is not to be found";
  if (WIFSIGNALED(status)) {
    return std::string("signal ") + std::to_string(WTERMSIG(status)) + ", " +
           strsignal(WTERMSIG(status));
  }
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

int AwaitChild(const std::string& program, pid_t child, int pipe, int signals) {
  auto report = ReadReport(pipe, signals);
  if (!report) {
    kill(child, SIGTERM);
    HowItEnded(child);
    return Report(program, {ExitCode::kInterrupted, "interrupted"});
  }
  if (report->empty()) {
    return Report(program,
                  {ExitCode::kInternal,
                   "the daemon ended before the volume was mounted (" + HowItEnded(child) + ")"});
  }
  int code = static_cast<unsigned char>(report->front());
  std::string text = report->substr(1);
  if (code != 0) return Report(program, {static_cast<ExitCode>(code), text});
  if (!text.empty()) std::fprintf(stderr, "%s\n", text.c_str());
  return 0;
}

void SendReport(Descriptor pipe, int code, const std::string& text) {
  std::string report(1, static_cast<char>(code));
  report += text;
  // The parent may have been killed; then nobody wants to know.
  (void)!write(pipe.get(), report.data(), report.size());
}

void RedirectStandardStreams() {
  Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return;
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null.get(), fd);
}

}  // namespace

void StartReport::Ready(const std::string& notice) {
  ForgetStarter();
  if (pipe_) {
    SendReport(std::exchange(pipe_, Descriptor()), 0, notice);
    RedirectStandardStreams();
  } else if (!notice.empty()) {
    std::fprintf(stderr, "%s\n", notice.c_str());
  }
}

int StartReport::Failed(const Failure& failure) {
  ForgetStarter();
  if (!pipe_) return Report(program_, failure);
  SendReport(std::exchange(pipe_, Descriptor()), static_cast<int>(failure.code), failure.message);
  return static_cast<int>(failure.code);
}

int RunInBackground(const std::string& program, const std::function<int(StartReport&)>& body,
                    const std::function<void()>& in_parent) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return Report(program, SystemFailure("cannot make a pipe", errno));
  }
  Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  // Before the fork, so that no signal falls between it and the wait.
  sigset_t signals = EndingSignals(), old;
  sigprocmask(SIG_BLOCK, &signals, &old);
  Descriptor signal_fd(signalfd(-1, &signals, SFD_CLOEXEC));

  std::fflush(nullptr);
  pid_t child = fork();
  if (child < 0) return Report(program, SystemFailure("cannot fork", errno));
  if (child > 0) {
    writer = Descriptor();
    in_parent();
    return AwaitChild(program, child, reader.get(), signal_fd.get());
  }
  reader = Descriptor();
  signal_fd = Descriptor();
  sigprocmask(SIG_SETMASK, &old, nullptr);
  setsid();
  // No directory is kept busy by the daemon.
  (void)!chdir("/");
  StartReport report(program, std::move(writer));
  return body(report);
}

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/guard.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>

#include "fs/fuse/service.h"
#include "fs/fuse/worker_pool.h"
#include "tools/daemon/dead_mount.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;

constexpr char kName[] = "chainfs-guard";  // as ps shows it; at most 15 characters
constexpr int kFirstFreeDescriptor = STDERR_FILENO + 1;
// A guard that is stopped, or on a machine that hardly moves, is not waited for longer.
constexpr std::chrono::milliseconds kPatience{5000};

// All that is said on the connection. No daemon: from the guard, that it is ready; to it, that it
// is dismissed.
struct Message {
  pid_t daemon = 0;
  unsigned device_minor = 0;
};

Descriptor OpenProcess(pid_t pid) {
  return Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void AwaitEnd(int process) {
  pollfd ended{process, POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(kPatience.count())) == 0) {
    syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0);
  }
  // In the background it is another's child.
  siginfo_t ignored;
  waitid(P_PIDFD, static_cast<id_t>(process), &ignored, WEXITED);
}

void Send(int channel, const Message& message) {
  (void)!send(channel, &message, sizeof message, MSG_NOSIGNAL);
}

// Not one of the standard streams, which whoever started this may have closed.
Descriptor AwayFromStreams(int fd) {
  const Descriptor original(fd);
  return Descriptor(fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeDescriptor));
}

// Of the calling thread's table.
void CloseAllBut(int kept) {
  if (kept > 0) close_range(0, static_cast<unsigned>(kept) - 1, 0);
  close_range(static_cast<unsigned>(kept) + 1, UINT_MAX, 0);
}

void LeaveEverything(int channel) {
  setsid();
  (void)!chdir("/");
  // What ends the daemon on request ends the guard through it.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) signal(number, SIG_IGN);
  CloseAllBut(channel);
  const int null = open("/dev/null", O_RDWR);  // the lowest that is free: stdin
  if (null == STDIN_FILENO) {
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
  }
  prctl(PR_SET_NAME, kName);
  // It must not wait for memory that can only be had through the mount that it is to break.
  fs::fuse::MarkIoFlusher();
}

[[noreturn]] void BeGuard(int channel, const std::string& mount_point) noexcept {
  LeaveEverything(channel);
  Send(channel, {});
  std::optional<DeadMount> mount;
  Descriptor daemon;
  Message message;
  while (recv(channel, &message, sizeof message, 0) == sizeof message) {
    if (message.daemon == 0) _exit(0);
    daemon = OpenProcess(message.daemon);
    mount.emplace(mount_point, message.device_minor);
  }
  if (!mount) _exit(0);
  mount->BreakConnection();
  pollfd ended{daemon.get(), POLLIN, 0};
  while (daemon && poll(&ended, 1, -1) < 1) {
  }
  mount->ClearAndExit();
}

}  // namespace

Guard::Guard(const std::string& mount_point) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
  Descriptor its = AwayFromStreams(ends[0]);
  channel_ = AwayFromStreams(ends[1]);
  if (!its || !channel_) return;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) BeGuard(its.get(), mount_point);
  if (child < 0) return;
  process_ = OpenProcess(child);
  its = Descriptor();  // or it could not be seen to die
  Message ready;
  (void)!recv(channel_.get(), &ready, sizeof ready, 0);
}

void Guard::Watch(unsigned device_minor) {
  if (!process_) return;
  Send(channel_.get(), {getpid(), device_minor});
  watches_ = true;
  try {
    heart_ = fs::fuse::StartQuietThread(fs::fuse::MakeJob([this] { BeHeart(); }));
  } catch (const std::exception&) {
    return;  // then the connection breaks when the daemon has ended
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ != Heart::kStarting; });
  if (state_ == Heart::kApart) channel_ = Descriptor();
}

void Guard::BeHeart() {
  const int channel = channel_.get();
  const bool apart = unshare(CLONE_FILES) == 0;
  // Nothing else of the daemon's may be kept open here, a lock least of all.
  if (apart) CloseAllBut(channel);
  std::unique_lock lock(mutex_);
  state_ = apart ? Heart::kApart : Heart::kFailed;
  changed_.notify_all();
  if (!apart) return;
  changed_.wait(lock, [this] { return state_ == Heart::kDismissed; });
  Send(channel, {});
}

void Guard::Dismiss() {
  if (heart_.joinable()) {
    {
      std::lock_guard lock(mutex_);
      if (state_ == Heart::kApart) state_ = Heart::kDismissed;
    }
    changed_.notify_all();
    heart_.join();
  }
  if (watches_ && channel_) Send(channel_.get(), {});
  channel_ = Descriptor();
  if (process_) AwaitEnd(process_.get());
  process_ = Descriptor();
}

void Guard::LetGo() {
  channel_ = Descriptor();
  process_ = Descriptor();
}

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <new>

#include "fs/store/descriptor.h"
#include "fs/store/lmdb_error.h"
#include "fs/store/page_report_codec.h"
#include "fs/store/page_sandbox.h"

namespace chainfs::fs::store {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kLookEveryMs = 100;
constexpr int kDyingMs = 5000;  // a process that waits for a disk dies late

// How far the child is, in memory that both have: there to be read when it can say nothing more.
struct Shared {
  std::atomic<uint8_t> phase{0};
  std::atomic<uint64_t> page{0}, done{0}, expected{0}, steps{0};
};
static_assert(std::atomic<uint64_t>::is_always_lock_free);

class SharedMemory {
 public:
  SharedMemory() {
    void* at =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at != MAP_FAILED) shared_ = new (at) Shared;
  }
  ~SharedMemory() {
    if (shared_) ::munmap(shared_, sizeof(Shared));
  }
  SharedMemory(const SharedMemory&) = delete;
  Shared* get() const { return shared_; }

 private:
  Shared* shared_ = nullptr;
};

[[noreturn]] void BeChild(const PageWalkBody& body, Shared& shared, int pipe) {
  LeaveBehind(pipe);
  const Result<PageReport> report = body([&](const PageProgress& at) {
    shared.phase.store(static_cast<uint8_t>(at.phase), std::memory_order_relaxed);
    shared.page.store(at.page, std::memory_order_relaxed);
    shared.done.store(at.done, std::memory_order_relaxed);
    shared.expected.store(at.expected, std::memory_order_relaxed);
    shared.steps.fetch_add(1, std::memory_order_relaxed);
  });
  const Bytes bytes = EncodePageReport(report);
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::write(pipe, bytes.data() + sent, bytes.size() - sent);
    if (n < 0 && errno != EINTR) break;
    if (n > 0) sent += static_cast<size_t>(n);
  }
  ::_exit(0);
}

class Watch {
 public:
  Watch(Shared& shared, pid_t child, int pipe, const PageWalkOptions& options, uint64_t most_steps)
      : shared_(shared), child_(child), pipe_(pipe), options_(options), most_steps_(most_steps) {}
  Result<PageReport> Wait();

 private:
  enum class Heard { kNothing, kSomething, kEnd };
  Heard Listen();
  bool GoesOn();  // or has it not for too long?
  void ShowProgress() const;
  std::string End() const;  // reaps it, and says how it ended
  PageReport Failed(const std::string& how) const;

  Shared& shared_;
  pid_t child_;
  int pipe_;
  const PageWalkOptions& options_;
  uint64_t most_steps_;
  Bytes heard_;
  uint64_t steps_ = 0;
  Clock::time_point last_step_ = Clock::now();
};

Result<PageReport> Watch::Wait() {
  bool ended = false, stuck = false;
  while (!ended && !stuck && heard_.size() <= kMaxReportBytes) {
    const Heard heard = Listen();
    ended = heard == Heard::kEnd;
    ShowProgress();
    stuck = !ended && !GoesOn();
  }
  std::optional<Result<PageReport>> report;
  if (ended) report = DecodePageReport(heard_);
  if (!ended) ::kill(child_, SIGKILL);
  const std::string end = End();
  if (report) return *std::move(report);
  return Failed(stuck ? "it did not go on" : end);
}

Watch::Heard Watch::Listen() {
  pollfd ready{pipe_, POLLIN, 0};
  if (::poll(&ready, 1, kLookEveryMs) <= 0) return Heard::kNothing;
  uint8_t some[4096];
  const ssize_t n = ::read(pipe_, some, sizeof some);
  if (n < 0 && errno == EINTR) return Heard::kNothing;
  if (n <= 0) return Heard::kEnd;
  heard_.insert(heard_.end(), some, some + n);
  return Heard::kSomething;
}

bool Watch::GoesOn() {
  const uint64_t steps = shared_.steps.load(std::memory_order_relaxed);
  const auto now = Clock::now();
  if (steps > steps_ && steps <= most_steps_) {
    steps_ = steps;
    last_step_ = now;
  }
  return now - last_step_ < std::chrono::milliseconds(options_.max_stall_ms);
}

void Watch::ShowProgress() const {
  if (!options_.progress) return;
  const bool index = shared_.phase.load() == static_cast<uint8_t>(PagePhase::kIndex);
  options_.progress({.phase = index ? PagePhase::kIndex : PagePhase::kOverflowHeaders,
                     .page = shared_.page.load(),
                     .done = shared_.done.load(),
                     .expected = shared_.expected.load()});
}

std::string Watch::End() const {
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
  pollfd ended{process.get(), POLLIN, 0};
  const auto deadline = Clock::now() + std::chrono::milliseconds(kDyingMs);
  int status = 0;
  for (pid_t reaped = 0; reaped != child_;) {
    reaped = ::waitpid(child_, &status, WNOHANG);
    if (reaped < 0) return "it was reaped by somebody else";
    if (reaped == child_) break;
    if (Clock::now() >= deadline) return "it cannot be ended";
    ::poll(&ended, 1, kLookEveryMs);
    ::kill(child_, SIGKILL);  // it has closed its pipe, or been told already
  }
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return std::string("it was ended by SIG") + (name ? name : "?");
  }
  return "it left without a report, with status " + std::to_string(WEXITSTATUS(status));
}

PageReport Watch::Failed(const std::string& how) const {
  PageReport report;
  const uint64_t page = shared_.page.load();
  report.findings.push_back(
      {page, PageSeverity::kFatal,
       "the page walk itself failed at page " + std::to_string(page) + ": " + how});
  return report;
}

}  // namespace

Result<PageReport> RunPageWalk(const PageWalkBody& body, const PageWalkOptions& options,
                               uint64_t most_steps) {
  const SharedMemory memory;
  if (!memory.get()) return OpenError(errno, "cannot share memory with a child");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return OpenError(errno, "cannot make a pipe");
  Descriptor from_child(ends[0]), to_parent(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return OpenError(errno, "cannot start a child");
  if (child == 0) BeChild(body, *memory.get(), to_parent.get());
  to_parent = Descriptor();
  return Watch(*memory.get(), child, from_child.get(), options, most_steps).Wait();
}

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/crash_report.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

#include "tools/common/exit_code.h"
#include "tools/daemon/dead_mount.h"

namespace chainfs::tools {
namespace {

struct FatalSignal {
  int number;
  const char* name;
};
constexpr std::array<FatalSignal, 5> kFatalSignals = {{{SIGSEGV, "SIGSEGV"},
                                                       {SIGBUS, "SIGBUS"},
                                                       {SIGFPE, "SIGFPE"},
                                                       {SIGILL, "SIGILL"},
                                                       {SIGABRT, "SIGABRT"}}};
constexpr size_t kStackBytes = 64 << 10;
// Of the log line, as syslog has them: LOG_DAEMON with LOG_CRIT.
constexpr int kSyslogPriority = 3 * 8 + 2;

// Everything that the handler needs. Never destroyed; fixed buffers, since the heap may be what is
// broken.
struct State {
  char vault[PATH_MAX];
  int log = -1;  // a file's descriptor, or the socket's
  bool is_syslog = false;
  sockaddr_un syslog{};
  long utc_offset_seconds = 0;  // of the log's times
  std::atomic<int> starter{-1};
  int guard = -1;  // its process
  alignas(DeadMount) std::byte mount_memory[sizeof(DeadMount)];
  const DeadMount* mount = nullptr;
  std::atomic<bool> is_mounted{false};
  int life[2] = {-1, -1};  // a pipe that ends with the daemon
  std::atomic<bool> crashing{false};
  alignas(16) char stack[kStackBytes];  // as AddressSanitizer wants it
};
State state;

// Text in a fixed buffer; what does not fit is cut off.
class Line {
 public:
  Line& operator<<(std::string_view text) {
    const size_t fits = std::min(text.size(), sizeof buffer_ - size_);
    std::memcpy(buffer_ + size_, text.data(), fits);
    size_ += fits;
    return *this;
  }
  // With at least `width` digits.
  Line& Number(uint64_t number, int width = 1) {
    char digits[20];
    size_t at = sizeof digits;
    for (; number > 0 || width > 0; number /= 10, --width) {
      digits[--at] = static_cast<char>('0' + number % 10);
    }
    return *this << std::string_view(digits + at, sizeof digits - at);
  }
  const char* data() const { return buffer_; }
  size_t size() const { return size_; }

 private:
  char buffer_[2 * PATH_MAX];
  size_t size_ = 0;
};

// "2026-01-31 23:59:59.123", as the log's other lines begin. localtime(3) takes a lock.
void AddTime(Line& line) {
  using namespace std::chrono;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const sys_seconds local{seconds(now.tv_sec + state.utc_offset_seconds)};
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss time(local - day);
  line.Number(static_cast<uint64_t>(static_cast<int>(date.year())), 4) << "-";
  line.Number(static_cast<unsigned>(date.month()), 2) << "-";
  line.Number(static_cast<unsigned>(date.day()), 2) << " ";
  line.Number(static_cast<uint64_t>(time.hours().count()), 2) << ":";
  line.Number(static_cast<uint64_t>(time.minutes().count()), 2) << ":";
  line.Number(static_cast<uint64_t>(time.seconds().count()), 2) << ".";
  line.Number(static_cast<uint64_t>(now.tv_nsec / 1000000), 3) << " ";
}

void AddMessage(Line& line, const char* signal) {
  line << "the daemon was brought down: signal=" << signal << " vault=" << state.vault
       << " what_to_do=\"a damaged database, or a disk that cannot be read, can cause this: run "
          "chainfs-fsck on the vault before mounting it again\"";
}

void WriteLog(const char* signal) {
  if (state.log < 0) return;
  Line line;
  if (state.is_syslog) {
    (line << "<").Number(kSyslogPriority) << ">chainfs[";
    line.Number(static_cast<uint64_t>(getpid())) << "]: ";
    AddMessage(line, signal);
    sendto(state.log, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&state.syslog), sizeof state.syslog);
    return;
  }
  AddTime(line);
  line << "critical ";
  AddMessage(line, signal);
  line << "\n";
  (void)!write(state.log, line.data(), line.size());
}

void TellStarter(const char* signal) {
  const int starter = state.starter.load();
  if (starter < 0) return;
  Line line;
  const char code = static_cast<char>(ExitCode::kInternal);
  line << std::string_view(&code, 1);
  AddMessage(line, signal);
  (void)!write(starter, line.data(), line.size());
}

// In a child, which has the descriptors of the daemon: as long as it keeps them, nothing that they
// stand for ends.
[[noreturn]] void ClearMount() {
  state.mount->BreakConnection();
  const int life = dup2(state.life[0], 0);
  close_range(1, UINT_MAX, 0);
  if (life < 0) _exit(1);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  state.mount->ClearAndExit();
}

bool GuardLives() {
  if (state.guard < 0) return false;
  pollfd ended{state.guard, POLLIN, 0};
  return poll(&ended, 1, 0) == 0;
}

void Handle(int signal) {
  // Whoever else crashes meanwhile waits for the end; a crash in here is the end.
  while (state.crashing.exchange(true)) pause();
  const auto known = std::find_if(kFatalSignals.begin(), kFatalSignals.end(),
                                  [=](const FatalSignal& one) { return one.number == signal; });
  const char* const name = known == kFatalSignals.end() ? "?" : known->name;
  WriteLog(name);
  TellStarter(name);
  if (state.is_mounted && !GuardLives() && state.life[0] >= 0 && _Fork() == 0) ClearMount();
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
  raise(signal);  // held back until this returns
}

template <size_t kSize>
void Copy(char (&to)[kSize], const std::string& text) {
  const size_t size = std::min(text.size(), kSize - 1);
  std::memcpy(to, text.data(), size);
  to[size] = '\0';
}

void OpenLog(const CrashReport& report) {
  if (report.log == "stderr") {
    state.log = STDERR_FILENO;
  } else if (report.log == "syslog") {
    state.is_syslog = true;
    state.log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    state.syslog.sun_family = AF_UNIX;
    const size_t size = std::min(report.log_socket.size(), sizeof state.syslog.sun_path - 1);
    std::memcpy(state.syslog.sun_path, report.log_socket.data(), size);
  } else {
    state.log = open(report.log.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
  }
  const time_t now = time(nullptr);
  tm local{};
  if (localtime_r(&now, &local) != nullptr) state.utc_offset_seconds = local.tm_gmtoff;
}

}  // namespace

void InstallCrashReport(const CrashReport& report) {
  Copy(state.vault, report.vault);
  OpenLog(report);
  state.starter = report.starter;
  state.guard = report.guard;
  if (pipe2(state.life, O_CLOEXEC) != 0) state.life[0] = -1;  // then a dead mount stays

  stack_t stack{};
  stack.ss_sp = state.stack;
  stack.ss_size = sizeof state.stack;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = Handle;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (const FatalSignal& one : kFatalSignals) sigaddset(&action.sa_mask, one.number);
  for (const FatalSignal& one : kFatalSignals) sigaction(one.number, &action, nullptr);
}

void ForgetStarter() { state.starter = -1; }

void ClearMountOnCrash(const std::string& mount_point, unsigned device_minor) {
  state.mount = new (state.mount_memory) DeadMount(mount_point, device_minor);
  state.is_mounted = true;
}

void ForgetMount() { state.is_mounted = false; }

}  // namespace chainfs::tools

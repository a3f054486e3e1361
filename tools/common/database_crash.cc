// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/database_crash.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>

#include "tools/common/exit_code.h"

namespace chainfs::tools {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGVTALRM};
constexpr time_t kMostSeconds = 5;  // of computing; what reads a record takes microseconds

// Made up beforehand: the handler makes system calls and nothing else.
char message[PATH_MAX + 512];
size_t message_bytes = 0;
alignas(16) char stack_memory[64 << 10];

void Handle(int) {
  (void)!write(STDERR_FILENO, message, message_bytes);
  _exit(static_cast<int>(ExitCode::kDamagedVolume));
}

}  // namespace

void ExplainDatabaseCrashes(const std::string& vault) {
  const std::string text =
      std::string(program_invocation_short_name) + ": " + vault.substr(0, PATH_MAX) +
      ": the volume is damaged: its database cannot be read without a crash, or an "
      "endless search; "
      "run chainfs-fsck (if that finds nothing, this is a defect)\n";
  message_bytes = text.copy(message, sizeof message);
  stack_t stack{};
  stack.ss_sp = stack_memory;
  stack.ss_size = sizeof stack_memory;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = Handle;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
  NoteDatabaseAnswered();
}

void NoteDatabaseAnswered() {
  const itimerval timer{{0, 0}, {kMostSeconds, 0}};
  setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

}  // namespace chainfs::tools

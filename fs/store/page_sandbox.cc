// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace chainfs::fs::store {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // they need more than we do, and their reports must be seen
#else
constexpr bool kSanitized = false;
#endif

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t kArchitecture = 0;  // no filter
#endif

constexpr unsigned kAllowed[] = {
    SYS_read,          SYS_write,        SYS_pread64,         SYS_fstat,
    SYS_newfstatat,    SYS_fadvise64,    SYS_lseek,           SYS_close,
    SYS_brk,           SYS_munmap,       SYS_mremap,          SYS_madvise,
    SYS_futex,         SYS_exit,         SYS_exit_group,      SYS_getpid,
    SYS_clock_gettime, SYS_rt_sigreturn, SYS_restart_syscall,
};
constexpr unsigned kAllowedUnlessExecutable[] = {SYS_mmap, SYS_mprotect};  // third argument

sock_filter Load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}
sock_filter Answer(uint32_t what) { return BPF_STMT(BPF_RET | BPF_K, what); }

void FilterSystemCalls() {
  const sock_filter deny = Answer(SECCOMP_RET_ERRNO | EPERM), allow = Answer(SECCOMP_RET_ALLOW);
  std::vector<sock_filter> program = {
      Load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      deny,
      Load(offsetof(seccomp_data, nr)),
  };
  for (unsigned call : kAllowed) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    program.push_back(allow);
  }
  for (unsigned call : kAllowedUnlessExecutable) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
    program.push_back(Load(offsetof(seccomp_data, args) + 2 * sizeof(uint64_t)));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
    program.push_back(deny);
    program.push_back(allow);
  }
  program.push_back(deny);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

void Limit(int resource, uint64_t value) {
  const rlimit limit{value, value};
  ::setrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit);
}

// 0: unknown.
uint64_t AddressSpaceBytes() {
  const int fd = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[32] = {};
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  if (n <= 0) return 0;
  return std::strtoull(text, nullptr, 10) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

void LeaveBehind(int keep) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  Limit(RLIMIT_CORE, 0);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard : {0, 1, 2}) {
    if (standard != keep && !kSanitized) ::dup2(nothing, standard);
  }
  const auto kept = static_cast<unsigned>(keep);
  if (kept > 3) ::close_range(3, kept - 1, 0);
  ::close_range(kept < 3 ? 3 : kept + 1, ~0u, 0);
}

void Confine(uint64_t memory_bytes) {
  if (kSanitized) return;
  if (const uint64_t taken = AddressSpaceBytes()) Limit(RLIMIT_AS, taken + memory_bytes);
  Limit(RLIMIT_FSIZE, 0);
  Limit(RLIMIT_NPROC, 0);
  if (kArchitecture != 0) FilterSystemCalls();
}

}  // namespace chainfs::fs::store

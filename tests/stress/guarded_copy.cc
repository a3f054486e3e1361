// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/stress/guarded_copy.h"

#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>

namespace chainfs::stress {
namespace {

thread_local sigjmp_buf way_out;
thread_local volatile sig_atomic_t copying = 0;

void OnSigbus(int) {
  if (copying == 0) _exit(70);
  siglongjmp(way_out, 1);
}

}  // namespace

void HandleSigbus() {
  struct sigaction action {};
  action.sa_handler = OnSigbus;
  sigaction(SIGBUS, &action, nullptr);
}

bool GuardedCopy(char* to, const char* from, size_t size) {
  if (sigsetjmp(way_out, 1) != 0) {
    copying = 0;
    return false;
  }
  copying = 1;
  std::memcpy(to, from, size);
  copying = 0;
  return true;
}

}  // namespace chainfs::stress

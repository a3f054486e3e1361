// SPDX-License-Identifier: GPL-3.0-or-later
// What a process gives up before it reads a file that may be hostile. For a forked child that will
// _exit: nothing of it can be taken back. Internal to fs/store. No other threads.
#pragma once

#include <cstdint>

namespace chainfs::fs::store {

// Closes every descriptor but `keep`, with the standard ones replaced by /dev/null; cannot be
// traced or dumped, gains no privileges, dies with its parent.
void LeaveBehind(int keep);

// From here on: no more than `memory_bytes` beyond what is taken, no file grows, and, where the
// kernel filters system calls, none but those that read, write what is open, and manage memory;
// any other fails with EPERM.
void Confine(uint64_t memory_bytes);

}  // namespace chainfs::fs::store

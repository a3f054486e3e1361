// SPDX-License-Identifier: GPL-3.0-or-later
// The time that inodes and records are stamped with. Thread-safe.
#pragma once

#include "fs/types.h"

namespace chainfs::fs {

// The coarse realtime clock: the one that the kernel stamps files with while it caches writes, so
// that its times and ours never run backwards against each other.
Timestamp Now();
uint64_t RealtimeNs();  // since the epoch

// "2026-01-31 23:59:59 UTC", for people.
std::string FormatUtc(uint64_t realtime_ns);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory this process may take before the kernel kills somebody for it. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace chainfs::crypto {

// The least of the machine's MemAvailable and what the limits of our control group (version 1 or 2)
// and its ancestors leave. Swap does not count: what is derived from a passphrase should not go
// there. UINT64_MAX if nothing can be found out. `root` is the directory that has proc/ and sys/.
uint64_t AvailableMemoryBytes(const std::string& root = "/");

}  // namespace chainfs::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
// Whether FUSE over io_uring can be used here. Reads the system's settings, changes none.
#pragma once

#include <string>

#include "fs/fuse/service.h"

namespace chainfs::fs::fuse {

// What stands against io_uring, and what would turn it on. Empty: nothing does.
std::string ReasonAgainstIoUring(Transport wanted);

// Requests in flight for each CPU that keep all rings together within 64 MiB, but at least 2 and
// at most 8.
unsigned DefaultIoUringDepth();

}  // namespace chainfs::fs::fuse

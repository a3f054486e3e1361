// SPDX-License-Identifier: GPL-3.0-or-later
// Copies from or to mapped files, which may have an I/O error.
#pragma once

#include <cstddef>

namespace chainfs::stress {

// Call it once, before there are threads.
void HandleSigbus();

// False if there was a SIGBUS; then part may have been copied. Thread-safe.
bool GuardedCopy(char* to, const char* from, size_t size);

}  // namespace chainfs::stress

// SPDX-License-Identifier: GPL-3.0-or-later
// What LMDB's return codes and the system's error numbers (LMDB returns those too) mean to the
// store's callers. Internal to fs/store.
#pragma once

#include <string>

#include "crypto/base/result.h"

namespace chainfs::fs::store {

// For files, for opening an environment and for starting transactions. REQUIRES: rc is an error.
Error OpenError(int rc, const std::string& what);

// For a failed put, delete or commit. `short_write_possible`: EIO may be LMDB's name for a write
// that the full disk cut short. kNoSpace, kNotFound, kExists and kNoMemory leave the store
// usable; kIo does not. REQUIRES: rc is an error.
Error WriteError(int rc, bool short_write_possible, const std::string& what);

}  // namespace chainfs::fs::store

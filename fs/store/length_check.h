// SPDX-License-Identifier: GPL-3.0-or-later
// Is the data file as long as its pages need? Reading past its end would be a SIGBUS. Internal to
// fs/store.
#pragma once

#include "crypto/base/result.h"

namespace chainfs::fs::store {

struct Environment;

// kDamaged if a page in use lies past the end of the file. LMDB never writes a page that was
// taken and given back in one transaction, so a sound file may end short of its high-water mark
// by pages that are free; such a file is extended unless it is opened read-only.
// REQUIRES: no transaction is active.
Result<void> CheckLength(const Environment& environment, bool read_only);

// Extends the file to its high-water mark if it is short of it. Best effort: CheckLength copes.
void ExtendToHighWater(const Environment& environment);

}  // namespace chainfs::fs::store

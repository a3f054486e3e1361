// SPDX-License-Identifier: GPL-3.0-or-later
// Randomness from getrandom(2), never pooled. Thread-safe.
#pragma once

#include "crypto/base/types.h"

namespace chainfs::crypto {

// Fills `out`. Throws std::system_error if the kernel refuses (it does not on Linux >= 3.17).
void FillRandom(MutableByteView out);

}  // namespace chainfs::crypto

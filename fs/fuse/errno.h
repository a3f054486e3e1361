// SPDX-License-Identifier: GPL-3.0-or-later
// The one place where an ErrorCode becomes an errno. Pure; any thread.
#pragma once

#include "crypto/base/result.h"

namespace chainfs::fs::fuse {

// The positive errno that a program sees for `code`.
int ToErrno(ErrorCode code);

// Whether `code` means that something is broken, as opposed to a program's request being refused.
// Such errors are logged.
bool IsAlarming(ErrorCode code);

// The answer "no such call": for some requests it makes the kernel manage without them for good.
int NoSuchCall();

}  // namespace chainfs::fs::fuse

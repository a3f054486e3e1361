// SPDX-License-Identifier: GPL-3.0-or-later
// What can be known before a passphrase is asked for: each obstacle with its own message and code.
#pragma once

#include <string>

#include "tools/common/exit_code.h"

namespace chainfs::tools {

// kMountPointMissing (or no directory), kMountPointBusy (something is mounted there, or it lies in
// the vault), kMountPointNotEmpty (unless `nonempty`), kNoPermission. Both paths canonical.
Outcome<void> CheckMountPoint(const std::string& mount_point, const std::string& vault,
                              bool nonempty);

// kNoFuseDevice: the kernel has no FUSE here. kNoPermission: it may not be opened, or, for others
// than root, fusermount3 is missing.
Outcome<void> CheckFuse();

}  // namespace chainfs::tools

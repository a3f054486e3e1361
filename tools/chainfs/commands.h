// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of chainfs(1). Each prints its result to stdout and returns how it went.
#pragma once

#include <optional>
#include <string>

#include "tools/common/exit_code.h"

namespace chainfs::tools {

// Without a mount point: every chainfs mount of this mount namespace, one after the other.
Outcome<void> ShowStatus(const std::optional<std::string>& mount_point, bool json);

// What anyone who may read the vault can know without a key. Works while it is mounted.
Outcome<void> ShowInfo(const std::string& vault, bool json);

// Everything written before the call is on disk when it returns success.
Outcome<void> SyncMount(const std::string& mount_point);

struct UnmountOptions {
  bool lazy = false;  // detach now, even if busy; still waits for the daemon to end
};

// Unmounts; returns once the last commit is on disk and the daemon has ended. kMountPointBusy: a
// program uses it; kCommitFailed: unmounted, but not everything is on disk.
Outcome<void> Unmount(const std::string& mount_point, const UnmountOptions& options);

}  // namespace chainfs::tools

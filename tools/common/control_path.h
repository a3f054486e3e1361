// SPDX-License-Identifier: GPL-3.0-or-later
// Where the daemon of a mount listens: <directory>/<st_dev minor of the mount>.sock, the directory
// being owner-only: /run/chainfs for root, $XDG_RUNTIME_DIR/chainfs for others, or
// /tmp/chainfs-<uid> where that is not set.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tools/common/exit_code.h"

namespace chainfs::tools {

// Makes (0700) and returns the directory for this process's own sockets. kNoPermission: there is
// one that is not ours alone.
Outcome<std::string> MakeControlDirectory();

// Where the socket of a mount of `owner` may be, best guess first.
std::vector<std::string> ControlPathCandidates(uid_t owner, unsigned device_minor);

std::string ControlPath(const std::string& directory, unsigned device_minor);

}  // namespace chainfs::tools

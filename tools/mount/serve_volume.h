// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a mounted volume, from open to the last commit: what the daemon does.
#pragma once

#include <string>

#include "tools/common/header_file.h"
#include "tools/common/known_heads.h"
#include "tools/common/mount_options.h"
#include "tools/daemon/daemonize.h"
#include "tools/daemon/guard.h"

namespace chainfs::tools {

struct ServeRequest {
  std::string vault;        // canonical
  std::string mount_point;  // canonical
  MountOptions options;
  bool foreground = false;
  bool say_transport = false;  // in the notice that the mount is up
  AnchorPlace anchor_place;
  KnownHeads known;  // what the vault is compared with when it is opened
};

// Opens the volume, mounts it, serves until it is unmounted, closes it. Reports once the mount is
// up, or why it could not be. Returns the process's exit code: kCommitFailed if the last commit did
// not reach the disk. `guard` watches while it is mounted. Starts threads: after every fork.
int ServeVolume(const ServeRequest& request, const LoadedHeader& header,
                crypto::VolumeSecrets secrets, StartReport& report, Guard& guard);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// What there is to know and do about the mounted directory from outside FUSE. Best effort where
// nothing is returned: the mount works without it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "crypto/base/result.h"
#include "fs/fuse/connection_control.h"

namespace chainfs::fs::fuse {

// A mount's device number, as /sys names it.
struct DeviceNumber {
  unsigned major = 0, minor = 0;
};

// Of the topmost mount at `mountpoint`, an absolute path without links. Asks the mount table, not
// the mount: it works while nobody serves it.
std::optional<DeviceNumber> FindMount(const std::string& mountpoint);

// Whether `device` is still mounted at `mountpoint`.
bool IsMounted(const std::string& mountpoint, const DeviceNumber& device);

// Lets the kernel read ahead, and hold dirty pages, in the measure of a disk: for FUSE it starts
// with 128 KiB and 1 % of the memory. Needs root.
void TuneKernel(const DeviceNumber& device);

// Waits until the mount answers. False: it never will.
bool WaitUntilAnswering(const std::string& mountpoint);

// Unmounts, as root by itself, else by fusermount3. kBusy: somebody uses it. Writes back first:
// somebody must be serving.
Result<void> Unmount(const std::string& mountpoint);

// Writes back what the kernel holds, and waits until the daemon has it: syncfs(2) alone returns
// before the WRITE requests of a FUSE mount are answered. kBusy: not within `timeout`.
Result<void> WriteBack(const std::string& mountpoint, const ConnectionControl& connection,
                       std::chrono::milliseconds timeout);

// Takes the directory out of the tree; who uses it may go on.
void Detach(const std::string& mountpoint);

}  // namespace chainfs::fs::fuse

// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>

#include "fs/store/descriptor.h"
#include "tools/chainfs/commands.h"
#include "tools/common/control_client.h"

namespace chainfs::tools {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kDrainLimit = std::chrono::seconds(30);

// The kernel's count of requests that the daemon has not answered. nullopt: not to be had (no
// fusectl mounted, or not our connection).
std::optional<uint64_t> WaitingRequests(unsigned device_minor) {
  std::ifstream file("/sys/fs/fuse/connections/" + std::to_string(device_minor) + "/waiting");
  uint64_t waiting = 0;
  if (!(file >> waiting)) return {};
  return waiting;
}

// syncfs(2) sends the dirty pages but returns before the daemon has taken them. The kernel tells
// of no change of the count, so it is asked again and again.
Outcome<void> Drain(const MountEntry& mount) {
  auto until = steady_clock::now() + kDrainLimit;
  while (auto waiting = WaitingRequests(mount.device_minor)) {
    if (*waiting == 0) return {};
    if (steady_clock::now() > until) {
      return Failure{ExitCode::kCommitFailed,
                     mount.mount_point +
                         ": requests keep coming; cannot tell whether all that was "
                         "written before is on disk"};
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
  return {};
}

}  // namespace

Outcome<void> SyncMount(const std::string& mount_point) {
  auto mount = FindChainfsMount(mount_point);
  if (!mount) return mount.error();
  auto daemon = ControlClient::Connect(*mount);
  if (!daemon) return daemon.error();
  {
    fs::store::Descriptor root(
        open(mount->mount_point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return SystemFailure("cannot open " + mount->mount_point, errno);
    if (syncfs(root.get()) != 0) {
      return SystemFailure("cannot sync " + mount->mount_point, errno, ExitCode::kCommitFailed);
    }
  }
  if (auto drained = Drain(*mount); !drained) return drained;
  auto synced = daemon->Ask("sync", ControlClient::Patience::kForever);
  if (!synced) return Failure{synced.error().code, mount_point + ": " + synced.error().message};
  return {};
}

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "tools/chainfs/commands.h"
#include "tools/common/control_client.h"
#include "tools/common/mount_notes.h"

namespace chainfs::tools {
namespace {

// Without the privilege to unmount it is fusermount3 that may, for the mount's owner.
Outcome<void> UnmountWithHelper(const std::string& mount_point, bool lazy) {
  pid_t child = fork();
  if (child < 0) return SystemFailure("cannot fork", errno);
  if (child == 0) {
    execlp("fusermount3", "fusermount3", lazy ? "-uz" : "-u", "--", mount_point.c_str(),
           static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    return Failure{ExitCode::kNoPermission,
                   mount_point + ": not permitted to unmount, and fusermount3 is not installed"};
  }
  return Failure{ExitCode::kMountPointBusy, mount_point + ": fusermount3 could not unmount it"};
}

Outcome<void> Detach(const std::string& mount_point, bool lazy) {
  if (umount2(mount_point.c_str(), UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0) return {};
  if (errno == EBUSY) {
    return Failure{ExitCode::kMountPointBusy,
                   mount_point + ": a program still uses it (see 'fuser -vm " + mount_point + "')"};
  }
  if (errno == EPERM) return UnmountWithHelper(mount_point, lazy);
  return SystemFailure("cannot unmount " + mount_point, errno);
}

void AwaitEnd(const fs::store::Descriptor& process) {
  if (!process) return;
  pollfd fd{process.get(), POLLIN, 0};
  while (poll(&fd, 1, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

Outcome<void> Unmount(const std::string& mount_point, const UnmountOptions& options) {
  auto mount = FindChainfsMount(mount_point);
  if (!mount) return mount.error();
  auto daemon = ControlClient::Connect(*mount);
  if (!daemon) {
    // Nothing more can be lost by clearing what a dead daemon left.
    if (auto detached = Detach(mount->mount_point, true); !detached) return detached;
    ForgetMountOptions(mount->source, mount->mount_point);
    return Failure{ExitCode::kNoAnswer,
                   mount->mount_point +
                       ": unmounted, but its daemon had died: what was written after its last "
                       "commit is lost"};
  }
  if (auto watching = daemon->Ask("watch-close", ControlClient::Patience::kSeconds); !watching) {
    return Failure{watching.error().code, mount->mount_point + ": " + watching.error().message};
  }
  if (auto detached = Detach(mount->mount_point, options.lazy); !detached) return detached;

  auto closed = daemon->Await();
  AwaitEnd(daemon->process());
  ForgetMountOptions(mount->source, mount->mount_point);
  if (!closed && closed.error().code == ExitCode::kNoAnswer) {
    return Failure{ExitCode::kCommitFailed,
                   mount->mount_point +
                       ": unmounted, but the daemon ended without saying that the last commit is "
                       "on disk"};
  }
  if (!closed) {
    return Failure{closed.error().code,
                   mount->mount_point + ": unmounted, but " + closed.error().message};
  }
  return {};
}

}  // namespace chainfs::tools

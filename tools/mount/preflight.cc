// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/mount/preflight.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "fs/store/descriptor.h"
#include "tools/common/mount_table.h"
#include "tools/common/vault_path.h"

namespace chainfs::tools {
namespace {

bool IsOnPath(const char* program) {
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (access((directory + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

Outcome<void> CheckMountPoint(const std::string& mount_point, const std::string& vault,
                              bool nonempty) {
  // First from the table: a dead FUSE mount answers no system call.
  if (auto there = FindMount(ReadMountTable(), mount_point)) {
    if (there->IsChainfs()) {
      return Failure{ExitCode::kMountPointBusy,
                     mount_point + ": chainfs has " + there->source +
                         " mounted here already ('chainfs umount' unmounts it)"};
    }
    if (!nonempty) {
      return Failure{ExitCode::kMountPointBusy,
                     mount_point + ": a filesystem of type " + there->type +
                         " is mounted here already (the option nonempty mounts over it)"};
    }
  }
  if (IsInside(mount_point, vault)) {
    return Failure{ExitCode::kMountPointBusy,
                   mount_point + ": the mount point must not lie in the vault"};
  }
  struct stat info {};
  if (stat(mount_point.c_str(), &info) != 0) {
    return SystemFailure("mount point " + mount_point, errno, ExitCode::kMountPointMissing);
  }
  if (!S_ISDIR(info.st_mode)) {
    return Failure{ExitCode::kMountPointMissing,
                   "mount point " + mount_point + ": this is no directory"};
  }
  if (nonempty) return {};
  std::error_code error;
  bool empty = std::filesystem::is_empty(mount_point, error);
  if (error) return SystemFailure("mount point " + mount_point, error.value());
  if (!empty) {
    return Failure{ExitCode::kMountPointNotEmpty,
                   mount_point +
                       ": the mount point is not empty (the option nonempty mounts over "
                       "what it holds)"};
  }
  return {};
}

Outcome<void> CheckFuse() {
  if (fs::store::Descriptor device(open("/dev/fuse", O_RDWR | O_CLOEXEC)); !device) {
    if (errno == EACCES || errno == EPERM) {
      return Failure{ExitCode::kNoPermission, "no permission to open /dev/fuse"};
    }
    return Failure{ExitCode::kNoFuseDevice,
                   "/dev/fuse cannot be opened: the kernel's FUSE module is not loaded "
                   "('modprobe fuse'), or this container was not given the device"};
  }
  if (geteuid() != 0 && !IsOnPath("fusermount3")) {
    return Failure{ExitCode::kNoPermission,
                   "mounting without being root needs fusermount3 (Debian: package fuse3)"};
  }
  return {};
}

}  // namespace chainfs::tools

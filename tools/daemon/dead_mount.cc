// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/dead_mount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace chainfs::tools {
namespace {

void Copy(char (&to)[PATH_MAX], const std::string& text) {
  const size_t size = std::min(text.size(), sizeof to - 1);
  std::memcpy(to, text.data(), size);
  to[size] = '\0';
}

std::string FindFusermount() {
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string program = directory + "/fusermount3";
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "/usr/bin/fusermount3";
}

}  // namespace

DeadMount::DeadMount(const std::string& mount_point, unsigned device_minor)
    : device_minor_(device_minor), connection_(device_minor) {
  Copy(mount_point_, mount_point);
  Copy(fusermount_, geteuid() == 0 ? "" : FindFusermount());
}

void DeadMount::BreakConnection() const { (void)connection_.Abort(); }

bool DeadMount::IsStillThere() const {
  struct statx info {};
  // Without a word to a daemon that is not there any more.
  const int failed = statx(AT_FDCWD, mount_point_,
                           AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, 0, &info);
  return failed == 0 && info.stx_dev_major == 0 && info.stx_dev_minor == device_minor_;
}

void DeadMount::ClearAndExit() const {
  if (!IsStillThere()) _exit(0);
  if (fusermount_[0] == '\0') {
    _exit(umount2(mount_point_, MNT_DETACH | UMOUNT_NOFOLLOW) == 0 ? 0 : 1);
  }
  char name[] = "fusermount3", options[] = "-uqz", end[] = "--";
  char* const arguments[] = {name, options, end, const_cast<char*>(mount_point_), nullptr};
  char* const environment[] = {nullptr};
  execve(fusermount_, arguments, environment);
  _exit(1);
}

}  // namespace chainfs::tools

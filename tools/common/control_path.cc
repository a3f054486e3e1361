// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/control_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace chainfs::tools {
namespace {

std::string RuntimeDirectoryOf(uid_t uid) {
  if (uid == 0) return "/run/chainfs";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (uid == geteuid() && runtime != nullptr && *runtime == '/') {
    return std::string(runtime) + "/chainfs";
  }
  return {};
}

std::string FallbackDirectoryOf(uid_t uid) { return "/tmp/chainfs-" + std::to_string(uid); }

}  // namespace

Outcome<std::string> MakeControlDirectory() {
  std::string directory = RuntimeDirectoryOf(geteuid());
  if (directory.empty()) directory = FallbackDirectoryOf(geteuid());
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemFailure("cannot make " + directory, errno);
  }
  // In /tmp anybody may have made it first, as a link or with other permissions.
  struct stat info {};
  if (lstat(directory.c_str(), &info) != 0) return SystemFailure(directory, errno);
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077) != 0) {
    return Failure{ExitCode::kNoPermission,
                   directory + ": is not a directory of this user alone (mode 0700)"};
  }
  return directory;
}

std::string ControlPath(const std::string& directory, unsigned device_minor) {
  return directory + "/" + std::to_string(device_minor) + ".sock";
}

std::vector<std::string> ControlPathCandidates(uid_t owner, unsigned device_minor) {
  std::vector<std::string> paths;
  std::string own = RuntimeDirectoryOf(owner);
  if (!own.empty()) paths.push_back(ControlPath(own, device_minor));
  if (owner != 0) {
    paths.push_back(ControlPath("/run/user/" + std::to_string(owner) + "/chainfs", device_minor));
    paths.push_back(ControlPath(FallbackDirectoryOf(owner), device_minor));
  }
  return paths;
}

}  // namespace chainfs::tools

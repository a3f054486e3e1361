// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/mount_point.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

extern char** environ;

namespace chainfs::fs::fuse {
namespace {

constexpr const char* kReadAheadKiB = "1024";
constexpr const char* kMaxDirtyPercent = "40";

// As /proc/self/mountinfo writes paths: space, tab, newline and backslash in octal.
std::string Escape(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    switch (c) {
      case ' ':
        escaped += "\\040";
        break;
      case '\t':
        escaped += "\\011";
        break;
      case '\n':
        escaped += "\\012";
        break;
      case '\\':
        escaped += "\\134";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

void WriteSetting(const std::string& path, const char* value) { std::ofstream(path) << value; }

std::string ToString(const DeviceNumber& device) {
  return std::to_string(device.major) + ":" + std::to_string(device.minor);
}

// Runs fusermount3; whether it succeeded.
bool RunFusermount(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "fusermount3");
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, raw[0], nullptr, nullptr, raw.data(), environ) != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::optional<DeviceNumber> FindMount(const std::string& mountpoint) {
  const std::string wanted = Escape(mountpoint);
  std::optional<DeviceNumber> found;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string id, parent, root, point;
    DeviceNumber device;
    char colon = 0;
    fields >> id >> parent >> device.major >> colon >> device.minor >> root >> point;
    if (fields && point == wanted) found = device;  // later lines are mounted on top
  }
  return found;
}

bool IsMounted(const std::string& mountpoint, const DeviceNumber& device) {
  const std::optional<DeviceNumber> found = FindMount(mountpoint);
  return found && found->major == device.major && found->minor == device.minor;
}

void TuneKernel(const DeviceNumber& device) {
  if (geteuid() != 0) return;
  const std::string settings = "/sys/class/bdi/" + ToString(device) + "/";
  WriteSetting(settings + "read_ahead_kb", kReadAheadKiB);
  WriteSetting(settings + "max_ratio", kMaxDirtyPercent);
}

bool WaitUntilAnswering(const std::string& mountpoint) {
  struct statvfs ignored {};
  int failed;
  do {
    failed = statvfs(mountpoint.c_str(), &ignored);
  } while (failed != 0 && errno == EINTR);
  return failed == 0;
}

Result<void> Unmount(const std::string& mountpoint) {
  if (geteuid() != 0) {
    if (RunFusermount({"-u", "-q", "--", mountpoint})) return {};
    return ErrorCode::kBusy;
  }
  if (umount2(mountpoint.c_str(), UMOUNT_NOFOLLOW) == 0) return {};
  return Error{errno == EBUSY ? ErrorCode::kBusy : ErrorCode::kIo, std::strerror(errno)};
}

Result<void> WriteBack(const std::string& mountpoint, const ConnectionControl& connection,
                       std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kPollInterval{1};
  const auto give_up_at = std::chrono::steady_clock::now() + timeout;
  const store::Descriptor directory(open(mountpoint.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || syncfs(directory.get()) != 0) {
    return Error{ErrorCode::kIo, mountpoint + ": cannot write back: " + std::strerror(errno)};
  }
  // The kernel offers a count of unanswered requests, and no way to wait for it.
  while (const std::optional<uint64_t> waiting = connection.CountWaiting()) {
    if (*waiting == 0) return {};
    if (std::chrono::steady_clock::now() >= give_up_at) {
      return Error{ErrorCode::kBusy, mountpoint + ": requests keep coming"};
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return Error{ErrorCode::kUnsupported, mountpoint + ": cannot tell when all is written back: " +
                                            "fusectl is not mounted on /sys/fs/fuse/connections"};
}

void Detach(const std::string& mountpoint) {
  if (geteuid() == 0) {
    umount2(mountpoint.c_str(), UMOUNT_NOFOLLOW | MNT_DETACH);
  } else {
    RunFusermount({"-u", "-q", "-z", "--", mountpoint});
  }
}

}  // namespace chainfs::fs::fuse

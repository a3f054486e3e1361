// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "fs/store/descriptor.h"
#include "fs/store/lmdb_error.h"
#include "fs/store/vault_directory.h"

namespace chainfs::fs::store {
namespace {

std::string CommandOf(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/comm");
  std::string command;
  std::getline(file, command);
  return command;
}

// The file holds "PID COMMAND". Only flock says whether somebody holds the vault; the text says
// who, and is believed only while such a process exists: the last holder may have been killed, and
// the new one may not have written its name yet.
std::string DescribeHolder(int fd) {
  char text[64] = {};
  const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
  std::string pid, command;
  std::istringstream fields(std::string(text, n > 0 ? static_cast<size_t>(n) : 0));
  fields >> pid >> std::ws;
  std::getline(fields, command);
  const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
  if (!number || command.empty() || CommandOf(pid) != command) return "another process";
  return command + " (pid " + pid + ")";
}

}  // namespace

Result<std::unique_ptr<VaultLock>> VaultLock::Acquire(const std::string& vault) {
  const std::string path = vault + "/lock";
  Descriptor directory(::open(vault.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return OpenError(errno, "cannot open " + vault);
  Descriptor fd(::openat(directory.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return OpenError(errno, "cannot open " + path);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return OpenError(errno, "cannot lock " + path);
    return Error{ErrorCode::kInUse, vault + " is in use by " + DescribeHolder(fd.get())};
  }
  if (::fchmod(fd.get(), 0600) != 0 && errno != EPERM) {
    return OpenError(errno, "cannot set the permissions of " + path);
  }
  std::unique_ptr<VaultLock> lock(new VaultLock(std::move(fd)));
  lock->UpdateHolder();
  return lock;
}

// Closing is all: after a fork the lock belongs to the other process too and must stay.
VaultLock::~VaultLock() = default;

void VaultLock::UpdateHolder() {
  const std::string pid = std::to_string(::getpid());
  const std::string text = pid + " " + CommandOf(pid) + "\n";
  // Best effort: the name is for people, and a full disk must not keep anybody from mounting.
  [[maybe_unused]] int cleared = ::ftruncate(fd_.get(), 0);
  [[maybe_unused]] ssize_t written = ::pwrite(fd_.get(), text.data(), text.size(), 0);
}

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/private_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace chainfs::fs::anchor {
namespace {

using store::Descriptor;
namespace stdfs = std::filesystem;

Error FileError(int error_number, const std::string& what) {
  const std::string message = what + ": " + std::generic_category().message(error_number);
  switch (error_number) {
    case ENOENT:
      return {ErrorCode::kNotFound, message};
    case EACCES:
    case EPERM:
      return {ErrorCode::kAccessDenied, message};
    case EROFS:
      return {ErrorCode::kReadOnly, message};
    case ENOTDIR:
      return {ErrorCode::kNotDirectory, message};
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::kNoSpace, message};
    case ENOMEM:
      return {ErrorCode::kNoMemory, message};
    default:
      return {ErrorCode::kIo, message};
  }
}

bool SyncFolderOf(const std::string& path) {
  const stdfs::path folder = stdfs::path(path).parent_path();
  Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd && ::fsync(fd.get()) == 0;
}

Result<void> MakeDirectory(const stdfs::path& path) {
  // Another process may be making it at the same time: that is as good.
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return FileError(errno, "cannot make " + path.string());
  }
  // The umask may have taken more. By name: a directory of mode 0 cannot be opened.
  if (::chmod(path.c_str(), 0700) != 0) {
    return FileError(errno, "cannot set the permissions of " + path.string());
  }
  if (!SyncFolderOf(path)) return FileError(errno, "cannot make " + path.string() + " durable");
  return {};
}

Result<void> MakeMissing(const stdfs::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) return {};
  if (errno != ENOENT) return FileError(errno, "cannot look at " + path.string());
  if (auto parent = MakeMissing(path.parent_path()); !parent) return parent;
  return MakeDirectory(path);
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

bool WriteWhole(const std::string& path, std::string_view text) {
  // Not O_TRUNC: what lies there may be anything, of any mode.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return false;
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return fd && ::fchmod(fd.get(), 0600) == 0 && WriteAll(fd.get(), text) && ::fsync(fd.get()) == 0;
}

}  // namespace

Result<void> MakePrivateDirectory(const std::string& path) {
  stdfs::path normal = stdfs::path(path).lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();  // "a/b/" is "a/b"
  if (auto made = MakeMissing(normal); !made) return made.error();
  struct stat status;
  if (::stat(normal.c_str(), &status) != 0) return FileError(errno, "cannot look at " + path);
  if (!S_ISDIR(status.st_mode)) {
    return Error{ErrorCode::kNotDirectory, path + " is not a directory"};
  }
  // Mode 0: its maker was killed before it had undone what its umask took. Any other lack of the
  // owner's rights is meant: a directory that nothing is to be written to.
  const mode_t mode = status.st_mode & 07777;
  const mode_t wanted = mode == 0 ? 0700 : mode & 0700;
  if (mode != wanted && status.st_uid == ::geteuid() && ::chmod(normal.c_str(), wanted) != 0) {
    return FileError(errno, "cannot set the permissions of " + path);
  }
  return {};
}

Result<Descriptor> LockFile(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  Descriptor fd(::open(path.c_str(), kFlags, 0600));
  int error_number = errno;
  // Its maker may have been killed before it had undone what its umask took.
  if (!fd && error_number == EACCES && ::chmod(path.c_str(), 0600) == 0) {
    fd = Descriptor(::open(path.c_str(), kFlags, 0600));
    error_number = errno;
  }
  if (!fd) return FileError(error_number, "cannot open " + path);
  if (::fchmod(fd.get(), 0600) != 0) {
    return FileError(errno, "cannot set the permissions of " + path);
  }
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return FileError(errno, "cannot lock " + path);
  }
  return fd;
}

Result<std::optional<std::string>> ReadSmallFile(const std::string& path, size_t max_bytes) {
  // What lies there may be anything: a FIFO must not make us wait.
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::optional<std::string>();
  if (!fd && errno == ELOOP) return Error{ErrorCode::kDamaged, "a symbolic link"};
  if (!fd) return FileError(errno, "cannot open " + path);
  struct stat status;
  if (::fstat(fd.get(), &status) != 0) return FileError(errno, "cannot look at " + path);
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kDamaged, "not a file"};
  std::string text(max_bytes + 1, '\0');
  size_t have = 0;
  while (have < text.size()) {
    const ssize_t n = ::read(fd.get(), text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(errno, "cannot read " + path);
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  if (have > max_bytes) return Error{ErrorCode::kDamaged, "too long"};
  text.resize(have);
  return std::optional<std::string>(std::move(text));
}

Result<void> RenameDurably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0 || !SyncFolderOf(to)) {
    return FileError(errno, "cannot rename " + from + " to " + to);
  }
  return {};
}

Result<void> ReplaceFile(const std::string& path, const std::string& temporary,
                         std::string_view text) {
  Result<void> replaced;
  if (WriteWhole(temporary, text)) {
    replaced = RenameDurably(temporary, path);
  } else {
    replaced = FileError(errno, "cannot write " + temporary);
  }
  if (!replaced) ::unlink(temporary.c_str());
  return replaced;
}

}  // namespace chainfs::fs::anchor

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/export_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "fs/history/stored_tiles.h"

namespace chainfs::fs {
namespace {

using store::Descriptor;
namespace stdfs = std::filesystem;

constexpr char kCheckpoint[] = "checkpoint";
constexpr char kNewCheckpoint[] = "checkpoint.new";
constexpr char kTiles[] = "tile";

Error FileError(int error_number, const std::string& what) {
  const std::string message = what + ": " + std::generic_category().message(error_number);
  switch (error_number) {
    case EACCES:
    case EPERM:
      return {ErrorCode::kAccessDenied, message};
    case ENOTDIR:
    case EEXIST:
      return {ErrorCode::kNotDirectory, message};
    case EROFS:
      return {ErrorCode::kReadOnly, message};
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::kNoSpace, message};
    default:
      return {ErrorCode::kIo, message};
  }
}

bool WriteAll(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    content = content.subspan(static_cast<size_t>(n));
  }
  return true;
}

bool MakeFolders(int directory, const stdfs::path& path) {
  if (path.empty() || ::mkdirat(directory, path.c_str(), 0777) == 0 || errno == EEXIST) return true;
  return errno == ENOENT && MakeFolders(directory, path.parent_path()) &&
         (::mkdirat(directory, path.c_str(), 0777) == 0 || errno == EEXIST);
}

Descriptor Create(int directory, const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  Descriptor fd(::openat(directory, path.c_str(), kFlags, 0666));
  if (fd || errno != ENOENT) return fd;
  if (!MakeFolders(directory, stdfs::path(path).parent_path())) return fd;
  return Descriptor(::openat(directory, path.c_str(), kFlags, 0666));
}

}  // namespace

Result<ExportDirectory> ExportDirectory::Open(const std::string& path) {
  std::error_code error;
  stdfs::create_directories(path, error);
  if (error) return FileError(error.value(), "cannot make " + path);
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return FileError(errno, "cannot open " + path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kInUse, path + ": another export into this directory is under way"};
  }
  ExportDirectory directory(path, std::move(fd));
  if (auto checked = directory.CheckContent(); !checked) return std::move(checked).error();
  return directory;
}

Result<void> ExportDirectory::CheckContent() const {
  std::error_code error;
  for (stdfs::directory_iterator at(path_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    if (name != kCheckpoint && name != kNewCheckpoint && name != kTiles) {
      return Error{ErrorCode::kExists, path_ + " holds something else than an exported ledger: " +
                                           name + "; export into a new directory"};
    }
  }
  if (error) return FileError(error.value(), "cannot read " + path_);
  return {};
}

Result<std::string> ExportDirectory::ReadCheckpoint() const {
  // What lies there may be anything: a FIFO must not make us wait.
  Descriptor fd(::openat(fd_.get(), kCheckpoint, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::string();
  const Error foreign{ErrorCode::kExists,
                      path_ + "/" + kCheckpoint + " is not what an export has written"};
  if (!fd && errno == ELOOP) return foreign;
  if (!fd) return FileError(errno, "cannot open " + path_ + "/" + kCheckpoint);
  std::string text(kMaxCheckpointBytes + 1, '\0');
  const ssize_t n = ::read(fd.get(), text.data(), text.size());
  if (n < 0 && errno != EISDIR) return FileError(errno, "cannot read " + path_ + "/" + kCheckpoint);
  if (n <= 0 || static_cast<size_t>(n) > kMaxCheckpointBytes) return foreign;
  text.resize(static_cast<size_t>(n));
  return text;
}

bool ExportDirectory::Has(const std::string& path, size_t bytes) const {
  struct stat status;
  return ::fstatat(fd_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode) && static_cast<uint64_t>(status.st_size) == bytes;
}

Result<void> ExportDirectory::Write(const std::string& path, ByteView content) {
  Descriptor fd = Create(fd_.get(), path);
  if (!fd || !WriteAll(fd.get(), content)) {
    return FileError(errno, "cannot write " + path_ + "/" + path);
  }
  return {};
}

Result<void> ExportDirectory::Commit(std::string_view checkpoint) {
  // One flush for all files: a sync for each would take minutes for a long log.
  if (::syncfs(fd_.get()) != 0) return FileError(errno, "cannot make " + path_ + " durable");
  Descriptor fd = Create(fd_.get(), kNewCheckpoint);
  if (!fd || !WriteAll(fd.get(), AsBytes(checkpoint)) || ::fsync(fd.get()) != 0 ||
      ::renameat(fd_.get(), kNewCheckpoint, fd_.get(), kCheckpoint) != 0 ||
      ::fsync(fd_.get()) != 0) {
    return FileError(errno, "cannot write " + path_ + "/" + kCheckpoint);
  }
  return {};
}

void ExportDirectory::RemovePartials(const std::string& full_tile) const {
  std::error_code ignored;
  stdfs::remove_all(path_ + "/" + full_tile + ".p", ignored);
}

}  // namespace chainfs::fs

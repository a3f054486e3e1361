// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/vault_directory.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "fs/store/descriptor.h"
#include "fs/store/filesystem_type.h"
#include "fs/store/lmdb_error.h"

namespace chainfs::fs::store {
namespace {

namespace stdfs = std::filesystem;

Descriptor OpenDirectory(const stdfs::path& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// "a/b/" and "a/b" name one directory, and its parent is "a".
stdfs::path Normalized(const std::string& path) {
  stdfs::path normal = stdfs::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

Result<void> MakeOne(const stdfs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    return errno == EEXIST ? Result<void>{} : OpenError(errno, "cannot make " + path.string());
  }
  Descriptor made = OpenDirectory(path);
  if (!made || ::fchmod(made.get(), 0700) != 0) {  // the umask may have taken more
    return OpenError(errno, "cannot set the permissions of " + path.string());
  }
  Descriptor parent = OpenDirectory(path.parent_path());
  if (!parent || ::fsync(parent.get()) != 0) {
    return OpenError(errno, "cannot make " + path.string() + " durable");
  }
  return {};
}

Result<void> MakeWithParents(const stdfs::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return Error{ErrorCode::kNotDirectory, path.string() + " is not a directory"};
  }
  if (errno != ENOENT) return OpenError(errno, "cannot look at " + path.string());
  if (auto parent = MakeWithParents(path.parent_path()); !parent) return parent;
  return MakeOne(path);
}

// What mkfs(8) puts into the root of a filesystem is nothing of anybody's.
Result<bool> IsEmpty(const stdfs::path& path) {
  std::error_code error;
  for (stdfs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != "lost+found") return false;
  }
  if (error) return OpenError(error.value(), "cannot list " + path.string());
  return true;
}

// btrfs would write every page of the database to a new place, and run out of space overwriting.
// The database has its own checksums and its own copy-on-write. Elsewhere this does nothing.
void TurnOffCopyOnWrite(int directory) {
  int flags = 0;
  if (::ioctl(directory, FS_IOC_GETFLAGS, &flags) != 0) return;
  flags |= FS_NOCOW_FL;
  ::ioctl(directory, FS_IOC_SETFLAGS, &flags);
}

}  // namespace

Result<void> CheckFilesystemIsLocal(const std::string& path) {
  stdfs::path existing = Normalized(path);
  std::error_code error;
  while (!stdfs::exists(existing, error) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  Result<FilesystemType> type = GetFilesystemType(existing.string());
  if (!type) return type.error();
  std::optional<std::string_view> why = WhyUnsafe(*type);
  if (!why) return {};
  return Error{ErrorCode::kUnsafeFilesystem,
               path + " lies on " + std::string(*why) + " (" + type->name +
                   "): the database's memory map and locks are only safe on a filesystem that "
                   "one machine alone writes; keep the vault on a local one"};
}

Result<void> CreateVaultDirectory(const std::string& path) {
  const stdfs::path directory = Normalized(path);
  if (auto made = MakeWithParents(directory); !made) return made;
  Result<bool> empty = IsEmpty(directory);
  if (!empty) return empty.error();
  if (!*empty) return Error{ErrorCode::kExists, path + " is not empty"};
  Descriptor fd = OpenDirectory(directory);
  if (!fd || ::fchmod(fd.get(), 0700) != 0) {
    return OpenError(errno, "cannot set the permissions of " + path);
  }
  TurnOffCopyOnWrite(fd.get());
  return {};
}

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "fs/store/descriptor.h"
#include "fs/store/lmdb_error.h"
#include "fs/store/vault_directory.h"

namespace chainfs::fs::store {
namespace {

constexpr const char* kCopies[] = {"header.0", "header.1"};
constexpr size_t kMaxHeaderBytes = 1u << 20;  // no real one comes near; a hostile one may

Result<Descriptor> OpenVault(const std::string& vault) {
  Descriptor directory(::open(vault.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return OpenError(errno, "cannot open " + vault);
  return directory;
}

bool WriteAll(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return true;
}

// Whole and durable under a name of its own before it takes the place of the old copy.
bool ReplaceCopy(int directory, const std::string& name, ByteView header) {
  const std::string fresh = name + ".new";
  Descriptor fd(::openat(directory, fresh.c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  return fd && ::fchmod(fd.get(), 0600) == 0 && WriteAll(fd.get(), header) &&
         ::fsync(fd.get()) == 0 &&
         ::renameat(directory, fresh.c_str(), directory, name.c_str()) == 0 &&
         ::fsync(directory) == 0;
}

struct Copy {
  bool exists = false;
  bool denied = false;
  Bytes bytes;  // empty: cannot be read, or not a header's size
};

Copy ReadCopy(int directory, const char* name) {
  Copy copy;
  // What lies there may be anything: a FIFO must not make us wait.
  Descriptor fd(::openat(directory, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  copy.exists = fd || errno != ENOENT;
  copy.denied = !fd && (errno == EACCES || errno == EPERM);
  struct stat status;
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return copy;
  if (static_cast<uint64_t>(status.st_size) > kMaxHeaderBytes) return copy;
  copy.bytes.resize(static_cast<size_t>(status.st_size));
  size_t have = 0;
  while (have < copy.bytes.size()) {
    const ssize_t n = ::read(fd.get(), copy.bytes.data() + have, copy.bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += static_cast<size_t>(n);
  }
  if (have < copy.bytes.size()) copy.bytes.clear();
  return copy;
}

}  // namespace

Result<void> WriteHeader(const std::string& vault, ByteView header) {
  Result<Descriptor> directory = OpenVault(vault);
  if (!directory) return directory.error();
  for (const char* name : kCopies) {
    if (!ReplaceCopy(directory->get(), name, header)) {
      return OpenError(errno, "cannot write " + vault + "/" + name);
    }
  }
  return {};
}

Result<HeaderCopies> ReadHeader(const std::string& vault) {
  Result<Descriptor> directory = OpenVault(vault);
  if (!directory) {
    if (directory.error().code != ErrorCode::kNotDirectory) return directory.error();
    return Error{ErrorCode::kNotAVault, vault + " is no vault: not a directory"};
  }
  Copy first = ReadCopy(directory->get(), kCopies[0]);
  Copy second = ReadCopy(directory->get(), kCopies[1]);
  if (!first.exists && !second.exists) {
    const bool database = ::faccessat(directory->get(), "data.mdb", F_OK, 0) == 0;
    return Error{ErrorCode::kNotAVault,
                 vault + (database ? " has a database but no header.0 and header.1: without them "
                                     "nothing in it can be opened; restore them from a backup"
                                   : " is no vault: it has no header")};
  }
  if (first.bytes.empty() && second.bytes.empty() && (first.denied || second.denied)) {
    return Error{ErrorCode::kAccessDenied, "no permission to read the header of " + vault};
  }
  return HeaderCopies{std::move(first.bytes), std::move(second.bytes)};
}

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/environment.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fs/store/length_check.h"
#include "fs/store/lmdb_error.h"
#include "fs/store/lock_file.h"

namespace chainfs::fs::store {
namespace {

constexpr char kDataFile[] = "data.mdb";  // the name is LMDB's
constexpr unsigned kMaxTables = 16;
constexpr uint64_t kMapStepBytes = 1ull << 20;

Error SystemError(ErrorCode code, const std::string& what) {
  return {code, what + ": " + std::strerror(errno)};
}

// Makes the file if it is not there, readable by its owner alone whatever the umask: LMDB opens
// it a second time by name and must be able to.
Result<void> EnsureFile(int directory, const char* name) {
  Descriptor fd(::openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd && ::fchmod(fd.get(), 0600) == 0) return {};
  if (errno == EEXIST) return {};
  return OpenError(errno, std::string("cannot create ") + name);
}

// What is to be true of the data file before LMDB sees it: LMDB takes an empty file for a new
// database and would quietly start over.
Result<uint64_t> CheckDataFile(const Environment& environment, const std::string& directory,
                               bool create) {
  struct stat status;
  if (::fstatat(environment.directory.get(), kDataFile, &status, 0) != 0) {
    if (errno != ENOENT) return OpenError(errno, "cannot look at " + directory + "/" + kDataFile);
    if (create) return uint64_t{0};
    return Error{ErrorCode::kDamaged,
                 directory + " has no " + kDataFile + ": the vault's database is missing"};
  }
  if (create) return Error{ErrorCode::kExists, directory + " has a database already"};
  if (status.st_size == 0) {
    return Error{ErrorCode::kDamaged, directory + "/" + kDataFile + " is empty; run chainfs-fsck"};
  }
  return static_cast<uint64_t>(status.st_size);
}

// REQUIRES: nothing of this environment is open.
int TryOpen(Environment& environment, const std::string& directory, unsigned flags) {
  MDB_env* env = nullptr;
  if (int rc = mdb_env_create(&env)) return rc;
  environment.handle.reset(env);
  int rc = mdb_env_set_mapsize(env, environment.map_bytes);
  if (!rc) rc = mdb_env_set_maxdbs(env, kMaxTables);
  if (!rc) rc = mdb_env_set_maxreaders(env, kMaxReaders);
  if (!rc) rc = mdb_env_open(env, directory.c_str(), flags, 0600);
  if (rc) environment.handle.reset();
  return rc;
}

// Asks for less address space until the system grants it (RLIMIT_AS).
int OpenWithLargestMap(Environment& environment, const std::string& directory, unsigned flags,
                       uint64_t file_bytes) {
  const uint64_t least = file_bytes + file_bytes / 8 + 16 * kMapStepBytes;
  for (;;) {
    int rc = TryOpen(environment, directory, flags);
    if (rc != ENOMEM || environment.map_bytes <= least) return rc;
    environment.map_bytes = std::max(environment.map_bytes / 2, least);
  }
}

Result<void> OpenEnvironment(Environment& environment, const std::string& directory,
                             StoreOptions options, uint64_t file_bytes) {
  // No readahead of the map by the kernel: the Prefetcher knows where a blob ends.
  const unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (options.read_only ? MDB_RDONLY : 0);
  int rc = AllocateLockFile(environment.directory.get());
  if (rc != ENOSPC && rc != EDQUOT) {  // of the rest LMDB will tell
    rc = OpenWithLargestMap(environment, directory, flags, file_bytes);
  } else if (!options.read_only) {
    return OpenError(rc, "no room for " + directory + "/" + kLockFile);
  }
  if (options.read_only &&
      (rc == EACCES || rc == EPERM || rc == EROFS || rc == ENOSPC || rc == EDQUOT)) {
    Result<Descriptor> excluded = ExcludeWriters(environment.directory.get(), directory);
    if (!excluded) return excluded.error();
    environment.vault_lock = *std::move(excluded);
    rc = OpenWithLargestMap(environment, directory, flags | MDB_NOLOCK, file_bytes);
  }
  if (rc == ENOMEM) {
    return Error{ErrorCode::kNoMemory, "not enough address space to map " + directory + "/" +
                                           kDataFile + " (see ulimit -v)"};
  }
  if (rc) return OpenError(rc, "cannot open " + directory + "/" + kDataFile);
  MDB_stat statistics;
  mdb_env_stat(environment.handle.get(), &statistics);
  environment.page_bytes = statistics.ms_psize;
  return {};
}

Result<void> OpenTables(Environment& environment, StoreOptions options) {
  MDB_txn* begun = nullptr;
  if (int rc = mdb_txn_begin(environment.handle.get(), nullptr, options.create ? 0 : MDB_RDONLY,
                             &begun)) {
    return OpenError(rc, "cannot read the database");
  }
  TransactionHandle txn(begun);
  Tables& tables = environment.tables;
  const std::pair<const char*, MDB_dbi*> names[] = {{"objects", &tables.objects},
                                                    {"records", &tables.records},
                                                    {"lists", &tables.lists},
                                                    {"tiles", &tables.tiles},
                                                    {"meta", &tables.meta}};
  for (auto [name, table] : names) {
    if (int rc = mdb_dbi_open(txn.get(), name, options.create ? MDB_CREATE : 0, table)) {
      return OpenError(rc, std::string("cannot open the table ") + name);
    }
  }
  // A read transaction too must end this way for the tables to stay open.
  if (int rc = mdb_txn_commit(txn.release())) return OpenError(rc, "cannot create the tables");
  return {};
}

// LMDB 0.9 does not tell: mdb_env_info's me_mapaddr is for fixed maps and null otherwise. But every
// page begins with its own number, and any key that we are shown lies in one.
uint8_t* FindMap(const Environment& environment) {
  const uint64_t page_bytes = environment.page_bytes;
  if (page_bytes > static_cast<uint64_t>(::sysconf(_SC_PAGESIZE))) return nullptr;  // alignment
  constexpr MDB_dbi kNamesOfTables = 1;
  MDB_txn* begun = nullptr;
  if (mdb_txn_begin(environment.handle.get(), nullptr, MDB_RDONLY, &begun) != 0) return nullptr;
  TransactionHandle txn(begun);
  MDB_cursor* opened = nullptr;
  if (mdb_cursor_open(txn.get(), kNamesOfTables, &opened) != 0) return nullptr;
  CursorHandle cursor(opened);
  MDB_val key, value;
  if (mdb_cursor_get(cursor.get(), &key, &value, MDB_FIRST) != 0) return nullptr;
  auto* at = static_cast<uint8_t*>(key.mv_data);
  uint8_t* page = at - reinterpret_cast<uintptr_t>(at) % page_bytes;
  uint64_t number;
  std::memcpy(&number, page, sizeof number);
  if (number >= environment.HighWaterBytes() / page_bytes) return nullptr;
  return page - number * page_bytes;
}

Result<void> OpenSteps(Environment& environment, const std::string& directory, StoreOptions options,
                       uint64_t file_bytes) {
  if (!options.read_only) {
    for (const char* name : {kDataFile, kLockFile}) {
      if (auto made = EnsureFile(environment.directory.get(), name); !made) return made;
    }
  }
  if (auto opened = OpenEnvironment(environment, directory, options, file_bytes); !opened) {
    return opened;
  }
  if (auto whole = CheckLength(environment, options.read_only); !whole) return whole;
  int dead = 0;
  mdb_reader_check(environment.handle.get(), &dead);  // slots of processes that were killed
  if (auto tables = OpenTables(environment, options); !tables) return tables;
  environment.map = FindMap(environment);
  if (options.create && ::fsync(environment.directory.get()) != 0) {
    return SystemError(ErrorCode::kIo, "cannot make " + directory + " durable");
  }
  return {};
}

}  // namespace

Result<Descriptor> ExcludeWriters(int directory, const std::string& path) {
  Descriptor lock(::openat(directory, "lock", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!lock) {
    if (errno == ENOENT) return lock;
    return SystemError(ErrorCode::kAccessDenied, "cannot open " + path + "/lock");
  }
  if (::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return lock;
  return Error{ErrorCode::kInUse,
               path + " is in use, and reading along needs permission to write its " + kLockFile};
}

uint64_t ChooseMapBytes(uint64_t filesystem_bytes, uint64_t file_bytes) {
  constexpr uint64_t kLeast = 1ull << 30;
  constexpr uint64_t kMost = 1ull << 45;  // a quarter of what a 47-bit address space has
  uint64_t wanted = filesystem_bytes > kMost / 2 ? kMost : filesystem_bytes * 2;
  wanted = std::max({wanted, kLeast, file_bytes + file_bytes / 2});
  return (wanted + kMapStepBytes - 1) / kMapStepBytes * kMapStepBytes;
}

Result<Environment> Environment::Open(const std::string& directory, StoreOptions options) {
  Environment environment;
  environment.directory = Descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!environment.directory) return OpenError(errno, "cannot open " + directory);
  Result<uint64_t> file_bytes = CheckDataFile(environment, directory, options.create);
  if (!file_bytes) return file_bytes.error();
  struct statvfs filesystem;
  if (::fstatvfs(environment.directory.get(), &filesystem) != 0) {
    return OpenError(errno, "cannot look at the filesystem of " + directory);
  }
  environment.map_bytes =
      ChooseMapBytes(uint64_t{filesystem.f_blocks} * filesystem.f_frsize, *file_bytes);
  if (auto opened = OpenSteps(environment, directory, options, *file_bytes); !opened) {
    environment.handle.reset();
    if (options.create) {  // what a failed creation leaves would stop the next one
      ::unlinkat(environment.directory.get(), kDataFile, 0);
      ::unlinkat(environment.directory.get(), kLockFile, 0);
    }
    return opened.error();
  }
  return environment;
}

uint64_t Environment::HighWaterBytes() const {
  MDB_envinfo info;
  mdb_env_info(handle.get(), &info);
  return (info.me_last_pgno + 1) * page_bytes;
}

int Environment::data_fd() const {
  int fd = -1;
  mdb_env_get_fd(handle.get(), &fd);
  return fd;
}

Result<void> Environment::ReadMapped(ByteView mapped, MutableByteView out,
                                     DiskRange* missing) const {
  if (map == nullptr) {
    std::memcpy(out.data(), mapped.data(), out.size());
    return {};
  }
  off_t at = mapped.data() - map;
  while (!out.empty()) {
    const iovec part{out.data(), out.size()};
    const int flags = missing != nullptr ? RWF_NOWAIT : 0;
    const ssize_t got = ::preadv2(data_fd(), &part, 1, at, flags);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN && flags != 0) {
      *missing = {data_fd(), static_cast<uint64_t>(at), out.size()};
      return ErrorCode::kWouldWait;
    }
    if (got < 0 && errno == EOPNOTSUPP && flags != 0) {
      missing = nullptr;
      continue;
    }
    if (got < 0) return SystemError(ErrorCode::kIo, "cannot read the database");
    if (got == 0) return ErrorCode::kDamaged;  // the index leads past the end of the file
    at += got;
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

}  // namespace chainfs::fs::store

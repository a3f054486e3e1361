// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/page_walk.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>

#include "fs/store/descriptor.h"
#include "fs/store/environment.h"
#include "fs/store/lmdb_error.h"
#include "fs/store/page_child.h"
#include "fs/store/page_pin.h"
#include "fs/store/page_sandbox.h"
#include "fs/store/page_state.h"

namespace chainfs::fs::store {
namespace {

constexpr int kAttempts = 100;  // each is lost only if two commits fall into a few microseconds

PageReport Refused(const char* why) {
  PageReport report;
  report.findings.push_back({0, PageSeverity::kFatal, why});
  return report;
}

struct OpenVault {
  Descriptor directory;
  Descriptor data;
  uint64_t file_bytes = 0;
};

Result<OpenVault> Open(const std::string& path) {
  OpenVault vault;
  vault.directory = Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!vault.directory) return OpenError(errno, "cannot open " + path);
  const std::string missing = path + " has no data.mdb: the vault's database is missing";
  // What lies there may be anything: a FIFO must not make us wait.
  vault.data =
      Descriptor(::openat(vault.directory.get(), "data.mdb", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!vault.data && errno == ENOENT) return Error{ErrorCode::kDamaged, missing};
  if (!vault.data) return OpenError(errno, "cannot open " + path + "/data.mdb");
  struct stat status;
  if (::fstat(vault.data.get(), &status) != 0) return OpenError(errno, "cannot look at " + path);
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kDamaged, path + "/data.mdb is no file"};
  vault.file_bytes = static_cast<uint64_t>(status.st_size);
  return vault;
}

bool AreSound(const std::optional<MetaPages>& metas) {
  return metas && metas->page_bytes != 0 && metas->pages[0].problem.empty() &&
         metas->pages[1].problem.empty();
}

// A state of the file that is not written over.
struct Hold {
  std::optional<MetaPages> metas;  // nullopt: cannot be read
  PagePin pin;
  Descriptor vault_lock;  // where LMDB cannot hold it: nobody writes
};

Result<void> TakeHold(Hold& hold, const OpenVault& vault, const std::string& path) {
  const int fd = vault.data.get();
  hold.metas = ReadMetaPages(fd);
  // LMDB is shown no meta page that it might stumble over; nobody else can have it open.
  for (int attempt = 0; AreSound(hold.metas) && attempt < kAttempts; ++attempt) {
    struct stat status;
    if (::fstat(fd, &status) != 0) break;
    if (hold.pin.Take(path, static_cast<uint64_t>(status.st_size)) != 0) break;
    // The meta page is not held with the rest: the second commit after it writes there.
    hold.metas = ReadMetaPages(fd);
    if (hold.metas && hold.metas->Find(hold.pin.transaction())) return {};
  }
  hold.pin.Drop();
  Result<Descriptor> excluded = ExcludeWriters(vault.directory.get(), path);
  if (!excluded) return excluded.error();
  hold.vault_lock = *std::move(excluded);
  hold.metas = ReadMetaPages(fd);
  return {};
}

PageReport Walk(int fd, const std::optional<MetaPages>& metas, std::optional<uint64_t> held,
                const PageWalkOptions& options) {
  if (metas && metas->page_bytes != 0) return WalkState(fd, *metas, held, options);
  return Refused("no meta page can be read: this is no database of LMDB's, or a stub of one");
}

Result<PageReport> WalkInChild(const std::string& path, PageWalkOptions options,
                               const std::function<void(PageProgress)>& progress) try {
  Result<OpenVault> vault = Open(path);
  if (!vault) return vault.error();
  Hold hold;
  if (auto held = TakeHold(hold, *vault, path); !held) return held.error();
  options.progress = progress;
  Confine(options.max_memory_bytes);
  std::optional<uint64_t> held;
  if (hold.pin.held()) held = hold.pin.transaction();
  return Walk(vault->data.get(), hold.metas, held, options);
} catch (const std::bad_alloc&) {
  return Refused("the walk needs more memory than it may take");
}

}  // namespace

PageReport WalkPages(int data_fd, const PageWalkOptions& options) {
  return Walk(data_fd, ReadMetaPages(data_fd), std::nullopt, options);
}

Result<PageReport> WalkPagesInChild(const std::string& vault, const PageWalkOptions& options) {
  Result<OpenVault> opened = Open(vault);
  if (!opened) return opened.error();
  // Each page is read at most twice, and each header once; beside a writer the file may grow.
  const uint64_t most_steps = opened->file_bytes / kMinPageBytes * 4 + (1 << 20);
  return RunPageWalk(
      [&](const std::function<void(PageProgress)>& progress) {
        return WalkInChild(vault, options, progress);
      },
      options, most_steps);
}

}  // namespace chainfs::fs::store

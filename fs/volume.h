// SPDX-License-Identifier: GPL-3.0-or-later
// Volume: the filesystem in a vault, without FUSE. Inodes, directories, file data, xattrs, commit.
//
// Operations that return the Attributes of a name (Lookup, Make*, Link, CreateTemporary) retain
// the inode once, as a FUSE entry reply does: the caller owes one Forget for each. An unlinked
// inode lives until it is forgotten.
//
// Errors: each operation's own, and kDamaged (an object did not verify), kIo, kNoSpace, kReadOnly.
// Order of checks is POSIX's. Permissions are the caller's business (the kernel's
// default_permissions); setgid inheritance, suid/sgid dropping and ACL masks are done here.
//
// Thread-safe. Write, Make* and the like may wait for dirty memory to be committed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/header.h"
#include "fs/check/finding.h"
#include "fs/commit/retention_holds.h"
#include "fs/store/disk_range.h"
#include "fs/types.h"

namespace chainfs::fs::check {
class Pace;
}

namespace chainfs::fs {

struct VolumeOptions {
  bool read_only = false;
  bool atime = true;                         // relatime; false: noatime
  uint64_t cache_bytes = 256ull << 20;       // clean nodes
  uint64_t dirty_limit_bytes = 32ull << 20;  // one generation's
  uint32_t commit_interval_ms = 5000;
  unsigned seal_threads = 0;  // 0: one a CPU
  // Who uses the volume keeps mtime and ctime of regular files, and sets them by SetAttributes: a
  // change of content or size stamps nothing by itself. So does a kernel with a writeback cache.
  bool caller_keeps_times = false;
  // Heads of this volume's ledger that are remembered elsewhere. Opening compares the vault with
  // each of them; `accept_rollback` goes on from an older or other state all the same, on a new
  // branch of the ledger.
  std::vector<RememberedHead> remembered;
  bool accept_rollback = false;
  // Called once if the volume turns read-only by itself (a failed commit); any thread.
  std::function<void(const std::string& why)> on_failure;
  // Called with the ledger's signed head when that is durable: at open, and after each commit, on
  // the thread that commits. Must be quick. `time_ns`: of the newest record.
  std::function<void(const std::string& checkpoint, uint64_t time_ns)> on_new_head;
};

struct VolumeStatus {
  Sequence head;
  std::string checkpoint;       // the ledger's signed head; empty if read-only
  uint64_t last_commit_ns = 0;  // realtime
  uint64_t dirty_bytes = 0, dirty_limit_bytes = 0;
  uint64_t node_cache_bytes = 0, cache_limit_bytes = 0;
  uint64_t commits = 0, inodes = 0, lookups = 0;
  uint64_t store_file_bytes = 0, store_free_bytes = 0;
  uint64_t live_objects = 0, live_bytes = 0;
  std::optional<uint64_t> size_limit_bytes;
  uint64_t limited_bytes = 0;  // what counts against the limit; see fs/commit/size_limit.h
  std::string failure;         // why the volume is read-only; empty: it is healthy
};

struct VolumeCheckOptions {
  std::vector<RememberedHead> remembered;  // that the head is compared with
  check::Pace* pace = nullptr;             // null: as fast as it goes
};

struct VolumeCheckResult {
  Sequence head;                          // the record that was the newest, as far as it is known
  std::vector<check::PassResult> passes;  // all but PAGES
};

class Volume {
 public:
  // Writes a new, empty volume (root directory owned by uid:gid, 0755) into `vault`, which
  // CreateVaultDirectory has made. Returns the recovery key's text. kInvalid: see SetSizeLimit.
  static Result<crypto::SecretBytes> Create(const std::string& vault,
                                            const crypto::SecretBytes& passphrase,
                                            crypto::Argon2Cost cost, uint32_t uid, uint32_t gid,
                                            std::optional<uint64_t> size_limit = std::nullopt);

  // Opens the volume whose header `secrets` come from, and holds the vault's lock until it is
  // closed (kInUse) unless it is read-only. Nothing in the database is used before the ledger's
  // head has been verified, against what is remembered too: kRollback, kFork (the message shows
  // both heads), kInvalid (what is remembered is no checkpoint of this ledger). Fork before, not
  // after: this starts threads and opens LMDB.
  static Result<std::unique_ptr<Volume>> Open(const std::string& vault, ByteView header,
                                              crypto::VolumeSecrets secrets, VolumeOptions options);
  // Reclaims orphans, commits, closes. Close() says whether that worked; the destructor cannot.
  ~Volume();
  Result<void> Close();

  // --- names
  Result<Attributes> Lookup(InodeNumber parent, std::string_view name);  // "." and ".." too
  void Forget(InodeNumber inode, uint64_t count);
  Result<Attributes> MakeNode(InodeNumber parent, std::string_view name, const NewInode& inode);
  Result<Attributes> MakeDirectory(InodeNumber parent, std::string_view name,
                                   const NewInode& inode);
  Result<Attributes> MakeSymlink(InodeNumber parent, std::string_view name, std::string_view target,
                                 const NewInode& inode);
  Result<Attributes> CreateTemporary(InodeNumber parent, const NewInode& inode);
  Result<Attributes> Link(InodeNumber inode, InodeNumber parent, std::string_view name);
  Result<void> Unlink(InodeNumber parent, std::string_view name);
  Result<void> RemoveDirectory(InodeNumber parent, std::string_view name);
  Result<void> Rename(InodeNumber parent, std::string_view name, InodeNumber new_parent,
                      std::string_view new_name, RenameMode mode);
  Result<std::string> ReadLink(InodeNumber inode);

  // Visits entries from `cookie` (0: the start, "." and ".." first) until visit returns false.
  // `attributes` is null unless asked for; an entry with attributes that the visitor accepted and
  // that is not "." or ".." is retained once.
  using EntryVisitor = std::function<bool(const DirectoryEntry&, const Attributes* attributes)>;
  Result<void> ReadDirectory(InodeNumber directory, uint64_t cookie, bool with_attributes,
                             const EntryVisitor& visit);

  // --- attributes
  Result<Attributes> GetAttributes(InodeNumber inode);
  Result<Attributes> SetAttributes(InodeNumber inode, const AttributeChange& change);
  Result<std::string> GetXattr(InodeNumber inode, std::string_view name);
  Result<void> SetXattr(InodeNumber inode, std::string_view name, std::string_view value,
                        XattrMode mode);
  Result<std::vector<std::string>> ListXattrs(InodeNumber inode);
  Result<void> RemoveXattr(InodeNumber inode, std::string_view name);

  // --- data of regular files
  // kWouldWait: only if `missing` is not null, which then says what is not in memory.
  Result<size_t> Read(InodeNumber inode, uint64_t offset, MutableByteView out,
                      store::DiskRange* missing = nullptr);
  // All or nothing but for kDamaged and kIo. Clears suid/sgid if told to.
  Result<void> Write(InodeNumber inode, uint64_t offset, ByteView data,
                     bool kill_suid_sgid = false);
  Result<void> Allocate(InodeNumber inode, uint64_t offset, uint64_t length, bool keep_size);
  Result<void> PunchHole(InodeNumber inode, uint64_t offset, uint64_t length);
  Result<void> ZeroRange(InodeNumber inode, uint64_t offset, uint64_t length, bool keep_size);
  Result<uint64_t> Seek(InodeNumber inode, uint64_t offset, SeekKind kind);
  // Bytes copied; short at the end of the source.
  Result<uint64_t> CopyRange(InodeNumber from, uint64_t from_offset, InodeNumber to,
                             uint64_t to_offset, uint64_t length);

  // --- durability and state
  Result<void> SyncInode(InodeNumber inode);  // fsync, fsyncdir: no commit if it is clean
  Result<void> Sync();                        // everything that returned before is durable after
  // While the hold lives and is held, the volume as it is at its head stays readable: nothing that
  // dies later leaves the store. Null: the volume is read-only and reaps nothing.
  std::shared_ptr<RetentionHold> HoldRetention();
  // Checks the volume as it is at its head, on the disk, while it goes on being used; a retention
  // hold keeps that state. One thread besides the caller's; what it keeps of the structure is
  // bounded by 64 MiB. Of a
  // read-only volume that somebody else writes to, STRUCTURE is not checked.
  // kNotFound, kNotAVault, kAccessDenied: the header cannot be read again.
  // REQUIRES: Close is not called before it has returned.
  Result<VolumeCheckResult> Check(const VolumeCheckOptions& options, check::Listener& listener);
  // Where an inode is, for messages about damage; see fs/name/find_path.h for what it may miss.
  std::optional<std::string> FindPath(InodeNumber inode);
  // From now on, and for good, the volume does not grow beyond so many bytes (nullopt: the disk
  // is its only limit). One that is smaller than what is used takes nothing away; it only lets
  // nothing more in. Durable when it returns. kInvalid: not from kMinSizeLimit to kMaxSizeLimit
  // (fs/commit/size_limit.h).
  Result<void> SetSizeLimit(std::optional<uint64_t> bytes);
  Result<VolumeStatistics> Statistics();
  VolumeStatus Status();
  // True if a changing operation would wait for dirty memory now. A hint for callers that must not
  // block and have other threads to wait with.
  bool WouldWait() const;

  struct Impl;

 private:
  explicit Volume(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chainfs::fs

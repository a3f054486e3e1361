// SPDX-License-Identifier: GPL-3.0-or-later
// The object store: LMDB tables of sealed objects, records, commit lists and Merkle tiles. Keeps
// bytes; knows no inode and no key. The only user of <lmdb.h>. docs/format.md describes the tables.
//
// Fork before opening, never after: LMDB's locks do not survive it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "fs/store/disk_range.h"

struct MDB_txn;  // LMDB's

namespace chainfs::fs::store {

struct StoreOptions {
  bool read_only = false;  // works beside a writing process, and on a read-only copy
  bool create = false;     // REQUIRES: the directory is there and holds no database; !read_only
};

// Space figures in bytes.
struct SpaceInfo {
  uint64_t filesystem_total = 0;
  uint64_t filesystem_free = 0;   // available to us, beyond what Reserve holds
  uint64_t file_bytes = 0;        // LMDB's high-water mark
  uint64_t free_page_bytes = 0;   // inside the file, reusable
  uint64_t aging_page_bytes = 0;  // of these, not yet by the next transaction but the one after it
  uint64_t reserved_bytes = 0;    // held past the high-water mark by Reserve
};

// The meta value that AgeFreePages writes, empty, only to have written something.
constexpr char kAgeMeta[] = "age";

enum class Table { kObjects, kRecords, kLists, kTiles, kMeta };

class ReadTxn;
class WriteTxn;

// The open database. One per process and vault.
// Thread-safe; at most one WriteTxn at a time (the caller's discipline: the commit thread).
class Store {
 public:
  // kNotFound: no such directory; kExists: create, and there is a database; kAccessDenied;
  // kInUse: read-only without permission for the lock file, while somebody writes;
  // kNoMemory: not enough address space for the map; kNoSpace; kDamaged: database missing, empty,
  // shorter than its own page count says, or not one of ours; kIo.
  // The database files are readable and writable by their owner alone, whatever the umask.
  static Result<std::unique_ptr<Store>> Open(const std::string& directory, StoreOptions options);
  // REQUIRES: no transaction is left.
  ~Store();

  // A snapshot of the newest committed state. Cheap: read transactions are pooled and renewed.
  // As long as it lives, no page that it can see is reused: the file grows.
  // kBusy: 4096 are in use; kIo: a commit failed in a way after which LMDB trusts itself no more.
  Result<ReadTxn> BeginRead() const;
  // kIo: an earlier commit failed for another reason than space: read-only until reopened.
  // REQUIRES: opened for writing; no other WriteTxn.
  Result<WriteTxn> BeginWrite();

  // Makes sure that at least `bytes` can be written past the high-water mark without ENOSPC, by
  // fallocate(KEEP_SIZE) where the filesystem has it. Returns what is held, which may be less.
  uint64_t Reserve(uint64_t bytes);
  SpaceInfo Space() const;
  // Commits a transaction that changes nothing, so that what the newest one freed can be reused by
  // the next. Errors as WriteTxn's.
  Result<void> AgeFreePages();

  struct Impl;

 private:
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Views that it returns are valid until it is destroyed. Finding allocates nothing; what cannot be
// read (a damaged index) is not found. One thread at a time, not always the same.
class ReadTxn {
 public:
  ReadTxn(ReadTxn&& other) noexcept;
  ReadTxn& operator=(ReadTxn&& other) noexcept;
  ~ReadTxn();

  std::optional<ByteView> FindObject(ObjectId id) const;
  // Copies a part of an object's sealed blob, by a read call and not through the map: that is
  // faster than the page faults, and a disk that fails is an error and not a SIGBUS. kNotFound: no
  // such object; kDamaged: its blob has not `blob_bytes`; kIo. REQUIRES: begin + out.size() <=
  // blob_bytes.
  // kWouldWait: only if `missing` is not null, which then says what is not in memory. (The index is
  // waited for all the same.)
  Result<void> ReadObject(ObjectId id, size_t blob_bytes, size_t begin, MutableByteView out,
                          DiskRange* missing = nullptr) const;
  // The same for a part of a value that this transaction has shown. Any thread.
  Result<void> ReadValue(ByteView value, MutableByteView out) const;
  std::optional<ByteView> FindRecord(Sequence sequence) const;
  std::optional<ByteView> FindLists(Sequence sequence) const;
  std::optional<ByteView> FindTile(uint64_t key) const;
  std::optional<ByteView> FindMeta(std::string_view name) const;
  // The newest record's number; nullopt in an empty store.
  std::optional<Sequence> NewestRecord() const;
  uint64_t CountObjects() const { return CountEntries(Table::kObjects); }
  // The largest id in the store; nullopt: no object, or no id of ours.
  std::optional<ObjectId> LastObject() const;
  // Visits in id order from `first` on until the visitor returns false.
  void ForEachObject(ObjectId first, const std::function<bool(ObjectId, ByteView)>& visit) const;

  // For checks, which must see what is there, not what should be: all entries of a table from the
  // key `first` on (empty: from the beginning), in the order of their keys, until the visitor
  // returns false; and the names in the list of tables. Keys come as they are stored, whatever
  // their length. kDamaged: LMDB could not read on; what was visited up to there is all there is.
  using EntryVisitor = std::function<bool(ByteView key, ByteView value)>;
  Result<void> ForEachEntry(Table table, ByteView first, const EntryVisitor& visit) const;
  uint64_t CountEntries(Table table) const;
  Result<void> ForEachTable(const std::function<bool(std::string_view name)>& visit) const;

 private:
  friend class Store;
  ReadTxn(Store::Impl* store, MDB_txn* txn) : store_(store), txn_(txn) {}
  std::optional<ByteView> FindInOrder(unsigned table, uint64_t number) const;
  Store::Impl* store_;
  MDB_txn* txn_;  // null once moved from
};

// Aborted unless Commit is called. One thread from beginning to end (LMDB's rule).
// After kNoSpace, kNoMemory or kIo from any operation all others, and Commit, fail the same way.
class WriteTxn {
 public:
  WriteTxn(WriteTxn&& other) noexcept;
  ~WriteTxn();

  // Errors of all: kNoSpace (retry the same bytes later), kIo (the store is then read-only until
  // reopened), kExists (an id or sequence is already there), kNotFound (delete).
  Result<void> PutObject(ObjectId id, ByteView sealed);  // ids ascending within and across commits
  // The same for a blob that the caller writes, all of it, before the commit: it is sealed right
  // into the database's pages.
  // REQUIRES: bytes >= min_reserved_bytes(): such a blob has pages of its own, which stay where
  // they are. At most kMaxReserved before the last of them is written: of too many changed pages
  // LMDB writes and frees some early.
  Result<MutableByteView> ReserveObject(ObjectId id, size_t bytes);
  size_t min_reserved_bytes() const;
  static constexpr size_t kMaxReserved = 32768;
  // At most about a thousand a transaction: until the pages that one has freed are used up, LMDB
  // rewrites their list in each later commit (100,000 pages: 50 ms each, as measured).
  Result<void> DeleteObject(ObjectId id);
  Result<void> PutRecord(Sequence sequence, ByteView encoded);
  Result<void> PutLists(Sequence sequence, ByteView encoded);
  Result<void> PutTile(uint64_t key, ByteView hashes);  // in place of what is there
  Result<void> PutMeta(std::string_view name, ByteView value);
  // For repairs: removes an entry of any table, whatever its key is.
  Result<void> DeleteEntry(Table table, ByteView key);
  // Durable when it returns success. The transaction is over whatever it returns.
  Result<void> Commit();

 private:
  friend class Store;
  WriteTxn(Store::Impl* store, MDB_txn* txn) : store_(store), txn_(txn) {}
  // With MDB_RESERVE, `value` is replaced by the place in the database.
  Result<void> Put(unsigned table, ByteView key, ByteView& value, unsigned flags);
  Result<void> Append(unsigned table, uint64_t number, ByteView value);
  Error Fail(int rc, const char* what);

  Store::Impl* store_;
  MDB_txn* txn_;                  // null once moved from or committed
  std::optional<Error> failure_;  // what every further operation reports
  uint64_t put_bytes_ = 0;
};

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "fs/store/length_check.h"
#include "fs/store/lmdb_error.h"
#include "fs/store/store_impl.h"

namespace chainfs::fs::store {
namespace {

// LMDB reports a write that a full disk cut short as EIO. It was that, and not a failed device,
// if there is little room left and the kernel knows of no page that it could not write back
// (syncfs reports that since Linux 5.8).
bool ShortWritePossible(const Environment& environment, uint64_t put_bytes) {
  constexpr uint64_t kLittleBytes = 16ull << 20;
  if (AvailableBytes(environment) > kLittleBytes + 4 * put_bytes) return false;
  return ::syncfs(environment.directory.get()) == 0;
}

}  // namespace

WriteTxn::WriteTxn(WriteTxn&& other) noexcept
    : store_(other.store_),
      txn_(std::exchange(other.txn_, nullptr)),
      failure_(std::move(other.failure_)),
      put_bytes_(other.put_bytes_) {}

WriteTxn::~WriteTxn() {
  if (!txn_) return;
  mdb_txn_abort(txn_);
  store_->writing = false;
}

Error WriteTxn::Fail(int rc, const char* what) {
  const bool short_write = rc == EIO && ShortWritePossible(store_->environment, put_bytes_);
  Error error = WriteError(rc, short_write, what);
  if (error.code == ErrorCode::kExists || error.code == ErrorCode::kNotFound) return error;
  if (error.code == ErrorCode::kIo) store_->failed = true;
  failure_ = error;
  return error;
}

Result<void> WriteTxn::Put(unsigned table, ByteView key, ByteView& value, unsigned flags) {
  if (failure_) return *failure_;
  put_bytes_ += value.size();
  MDB_val k = ValOf(key), v = ValOf(value);
  int rc = mdb_put(txn_, table, &k, &v, flags);
  // Not in ascending order: an ordinary insertion then.
  if (rc == MDB_KEYEXIST && (flags & MDB_APPEND)) {
    rc = mdb_put(txn_, table, &k, &v, MDB_NOOVERWRITE | (flags & MDB_RESERVE));
  }
  if (rc) return Fail(rc, "cannot write the database");
  value = ViewOf(v);
  return {};
}

Result<void> WriteTxn::Append(unsigned table, uint64_t number, ByteView value) {
  return Put(table, ViewOf(NumberKey(number).val()), value, MDB_APPEND);
}

Result<void> WriteTxn::PutObject(ObjectId id, ByteView sealed) {
  return Append(store_->environment.tables.objects, id.value, sealed);
}

Result<MutableByteView> WriteTxn::ReserveObject(ObjectId id, size_t bytes) {
  assert(bytes >= min_reserved_bytes());
  ByteView place(static_cast<const uint8_t*>(nullptr), bytes);
  auto put = Put(store_->environment.tables.objects, ViewOf(NumberKey(id.value).val()), place,
                 MDB_APPEND | MDB_RESERVE);
  if (!put) return std::move(put).error();
  return MutableByteView(const_cast<uint8_t*>(place.data()), place.size());
}

size_t WriteTxn::min_reserved_bytes() const { return store_->environment.page_bytes; }

Result<void> WriteTxn::PutRecord(Sequence sequence, ByteView encoded) {
  return Append(store_->environment.tables.records, sequence.value, encoded);
}

Result<void> WriteTxn::PutLists(Sequence sequence, ByteView encoded) {
  return Append(store_->environment.tables.lists, sequence.value, encoded);
}

Result<void> WriteTxn::PutTile(uint64_t key, ByteView hashes) {
  return Put(store_->environment.tables.tiles, ViewOf(NumberKey(key).val()), hashes, 0);
}

Result<void> WriteTxn::PutMeta(std::string_view name, ByteView value) {
  return Put(store_->environment.tables.meta, ViewOf(ValOf(name)), value, 0);
}

Result<void> WriteTxn::DeleteObject(ObjectId id) {
  store_->resident.Note(0);  // LMDB looks at the page to be freed
  return DeleteEntry(Table::kObjects, ViewOf(NumberKey(id.value).val()));
}

Result<void> WriteTxn::DeleteEntry(Table table, ByteView key) {
  if (failure_) return *failure_;
  MDB_val k = ValOf(key);
  if (int rc = mdb_del(txn_, HandleOf(store_->environment.tables, table), &k, nullptr)) {
    return Fail(rc, "cannot delete from the database");
  }
  return {};
}

Result<void> WriteTxn::Commit() {
  MDB_txn* txn = std::exchange(txn_, nullptr);
  if (failure_) {
    mdb_txn_abort(txn);
    store_->writing = false;
    return *failure_;
  }
  const int rc = mdb_txn_commit(txn);
  Result<void> result;
  if (rc) {
    result = Fail(rc, "cannot commit to the database");
  } else {
    ExtendToHighWater(store_->environment);
    store_->resident.Look();
  }
  store_->writing = false;
  return result;
}

}  // namespace chainfs::fs::store

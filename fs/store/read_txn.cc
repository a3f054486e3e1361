// SPDX-License-Identifier: GPL-3.0-or-later
#include <utility>

#include "fs/store/lmdb_error.h"
#include "fs/store/store_impl.h"

namespace chainfs::fs::store {
namespace {

std::optional<ByteView> Find(MDB_txn* txn, MDB_dbi table, MDB_val key) {
  MDB_val value;
  if (mdb_get(txn, table, &key, &value) != 0) return std::nullopt;
  return ViewOf(value);
}

CursorHandle OpenCursor(MDB_txn* txn, MDB_dbi table) {
  MDB_cursor* cursor = nullptr;
  if (mdb_cursor_open(txn, table, &cursor) != 0) return nullptr;
  return CursorHandle(cursor);
}

std::optional<uint64_t> FindLastNumber(MDB_txn* txn, MDB_dbi table) {
  CursorHandle cursor = OpenCursor(txn, table);
  MDB_val key, value;
  if (!cursor || mdb_cursor_get(cursor.get(), &key, &value, MDB_LAST) != 0) return std::nullopt;
  return NumberOf(key);
}

constexpr MDB_dbi kNamesOfTables = 1;  // LMDB's own number for the unnamed database

Result<void> ForEach(MDB_txn* txn, MDB_dbi table, ByteView first,
                     const ReadTxn::EntryVisitor& visit) {
  CursorHandle cursor = OpenCursor(txn, table);
  if (!cursor) return Error{ErrorCode::kDamaged, "cannot open a table of the database"};
  MDB_val key = ValOf(first), value;
  int rc = mdb_cursor_get(cursor.get(), &key, &value, first.empty() ? MDB_FIRST : MDB_SET_RANGE);
  for (; rc == 0; rc = mdb_cursor_get(cursor.get(), &key, &value, MDB_NEXT)) {
    if (!visit(ViewOf(key), ViewOf(value))) return {};
  }
  if (rc == MDB_NOTFOUND) return {};
  return OpenError(rc, "cannot read a table of the database to its end");
}

}  // namespace

ReadTxn::ReadTxn(ReadTxn&& other) noexcept
    : store_(other.store_), txn_(std::exchange(other.txn_, nullptr)) {}

ReadTxn& ReadTxn::operator=(ReadTxn&& other) noexcept {
  std::swap(store_, other.store_);
  std::swap(txn_, other.txn_);
  return *this;
}

ReadTxn::~ReadTxn() {
  if (txn_) store_->pool.Return(txn_);
}

std::optional<ByteView> ReadTxn::FindObject(ObjectId id) const {
  std::optional<ByteView> blob =
      Find(txn_, store_->environment.tables.objects, NumberKey(id.value).val());
  if (blob) {
    store_->resident.Note(blob->size());
    store_->prefetcher.WillNeed(*blob);
  }
  return blob;
}

Result<void> ReadTxn::ReadObject(ObjectId id, size_t blob_bytes, size_t begin, MutableByteView out,
                                 DiskRange* missing) const {
  const std::optional<ByteView> blob =
      Find(txn_, store_->environment.tables.objects, NumberKey(id.value).val());
  store_->resident.Note(0);  // the index on the way
  if (!blob) return ErrorCode::kNotFound;
  if (blob->size() != blob_bytes) return ErrorCode::kDamaged;
  return store_->environment.ReadMapped(blob->subspan(begin, out.size()), out, missing);
}

Result<void> ReadTxn::ReadValue(ByteView value, MutableByteView out) const {
  return store_->environment.ReadMapped(value, out, nullptr);
}

// What is mostly found one after the other.
std::optional<ByteView> ReadTxn::FindInOrder(unsigned table, uint64_t number) const {
  const std::optional<ByteView> value = Find(txn_, table, NumberKey(number).val());
  if (value) store_->resident.NoteInOrder(value->size());
  return value;
}

std::optional<ByteView> ReadTxn::FindRecord(Sequence sequence) const {
  return FindInOrder(store_->environment.tables.records, sequence.value);
}

std::optional<ByteView> ReadTxn::FindLists(Sequence sequence) const {
  return FindInOrder(store_->environment.tables.lists, sequence.value);
}

std::optional<ByteView> ReadTxn::FindTile(uint64_t key) const {
  return Find(txn_, store_->environment.tables.tiles, NumberKey(key).val());
}

std::optional<ByteView> ReadTxn::FindMeta(std::string_view name) const {
  return Find(txn_, store_->environment.tables.meta, ValOf(name));
}

std::optional<Sequence> ReadTxn::NewestRecord() const {
  const auto number = FindLastNumber(txn_, store_->environment.tables.records);
  return number ? std::optional(Sequence(*number)) : std::nullopt;
}

std::optional<ObjectId> ReadTxn::LastObject() const {
  const auto number = FindLastNumber(txn_, store_->environment.tables.objects);
  return number ? std::optional(ObjectId(*number)) : std::nullopt;
}

uint64_t ReadTxn::CountEntries(Table table) const {
  MDB_stat statistics;
  if (mdb_stat(txn_, HandleOf(store_->environment.tables, table), &statistics) != 0) return 0;
  return statistics.ms_entries;
}

void ReadTxn::ForEachObject(ObjectId first,
                            const std::function<bool(ObjectId, ByteView)>& visit) const {
  CursorHandle cursor = OpenCursor(txn_, store_->environment.tables.objects);
  if (!cursor) return;
  NumberKey start(first.value);
  MDB_val key = start.val(), value;
  int rc = mdb_cursor_get(cursor.get(), &key, &value, MDB_SET_RANGE);
  for (; rc == 0; rc = mdb_cursor_get(cursor.get(), &key, &value, MDB_NEXT)) {
    std::optional<uint64_t> number = NumberOf(key);
    if (!number) continue;
    store_->resident.Note(value.mv_size);
    store_->prefetcher.WillNeed(ViewOf(value));
    if (!visit(ObjectId(*number), ViewOf(value))) return;
  }
}

Result<void> ReadTxn::ForEachEntry(Table table, ByteView first, const EntryVisitor& visit) const {
  const MDB_dbi handle = HandleOf(store_->environment.tables, table);
  return ForEach(txn_, handle, first, [&](ByteView key, ByteView value) {
    store_->resident.NoteInOrder(key.size() + value.size());
    if (table == Table::kObjects) store_->prefetcher.WillNeed(value);
    return visit(key, value);
  });
}

Result<void> ReadTxn::ForEachTable(const std::function<bool(std::string_view)>& visit) const {
  return ForEach(txn_, kNamesOfTables, {}, [&](ByteView key, ByteView) {
    return visit({reinterpret_cast<const char*>(key.data()), key.size()});
  });
}

}  // namespace chainfs::fs::store

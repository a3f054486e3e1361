// SPDX-License-Identifier: GPL-3.0-or-later
#include <utility>

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

std::optional<ByteView> ReadTxn::FindRecord(Sequence sequence) const {
  return Find(txn_, store_->environment.tables.records, NumberKey(sequence.value).val());
}

std::optional<ByteView> ReadTxn::FindLists(Sequence sequence) const {
  return Find(txn_, store_->environment.tables.lists, NumberKey(sequence.value).val());
}

std::optional<ByteView> ReadTxn::FindTile(uint64_t key) const {
  return Find(txn_, store_->environment.tables.tiles, NumberKey(key).val());
}

std::optional<ByteView> ReadTxn::FindMeta(std::string_view name) const {
  return Find(txn_, store_->environment.tables.meta, ValOf(name));
}

std::optional<Sequence> ReadTxn::NewestRecord() const {
  CursorHandle cursor = OpenCursor(txn_, store_->environment.tables.records);
  MDB_val key, value;
  if (!cursor || mdb_cursor_get(cursor.get(), &key, &value, MDB_LAST) != 0) return std::nullopt;
  std::optional<uint64_t> number = NumberOf(key);
  if (!number) return std::nullopt;
  return Sequence(*number);
}

uint64_t ReadTxn::CountObjects() const {
  MDB_stat statistics;
  if (mdb_stat(txn_, store_->environment.tables.objects, &statistics) != 0) return 0;
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

}  // namespace chainfs::fs::store

// SPDX-License-Identifier: GPL-3.0-or-later
// Move-only owners for LMDB's handles, and the key encoding all tables share. Internal to fs/store.
//
// An environment outlives its transactions; a cursor dies before its transaction.
#pragma once

#include <lmdb.h>

#include <memory>
#include <optional>
#include <string_view>

#include "crypto/base/byte_order.h"
#include "fs/store/store.h"

namespace chainfs::fs::store {

struct EnvironmentCloser {
  void operator()(MDB_env* env) const { mdb_env_close(env); }
};
struct TransactionAborter {
  void operator()(MDB_txn* txn) const { mdb_txn_abort(txn); }
};
struct CursorCloser {
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using EnvironmentHandle = std::unique_ptr<MDB_env, EnvironmentCloser>;
using TransactionHandle = std::unique_ptr<MDB_txn, TransactionAborter>;  // release() to commit
using CursorHandle = std::unique_ptr<MDB_cursor, CursorCloser>;

// The named databases; docs/format.md lists what each holds.
struct Tables {
  MDB_dbi objects = 0;
  MDB_dbi records = 0;
  MDB_dbi lists = 0;
  MDB_dbi tiles = 0;
  MDB_dbi meta = 0;
};

inline MDB_dbi HandleOf(const Tables& tables, Table table) {
  switch (table) {
    case Table::kObjects:
      return tables.objects;
    case Table::kRecords:
      return tables.records;
    case Table::kLists:
      return tables.lists;
    case Table::kTiles:
      return tables.tiles;
    case Table::kMeta:
      return tables.meta;
  }
  return tables.meta;
}

// A 64-bit key as eight big-endian bytes, so that LMDB's byte order is numeric order.
class NumberKey {
 public:
  explicit NumberKey(uint64_t number) { PutBE(bytes_, number); }
  MDB_val val() { return {sizeof bytes_, bytes_}; }

 private:
  uint8_t bytes_[8];
};

// nullopt: no key of ours (the file was tampered with).
inline std::optional<uint64_t> NumberOf(const MDB_val& key) {
  if (key.mv_size != 8) return std::nullopt;
  return GetBE<uint64_t>(static_cast<const uint8_t*>(key.mv_data));
}

// LMDB takes pointers to non-const and writes through none of them.
inline MDB_val ValOf(ByteView bytes) { return {bytes.size(), const_cast<uint8_t*>(bytes.data())}; }
inline MDB_val ValOf(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}
inline ByteView ViewOf(const MDB_val& val) {
  return {static_cast<const uint8_t*>(val.mv_data), val.mv_size};
}

}  // namespace chainfs::fs::store

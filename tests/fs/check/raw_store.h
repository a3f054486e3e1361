// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of a closed vault, for tests that break them: what the store's own interface would
// refuse. One transaction, committed by the destructor. LMDB's locks do not survive that a process
// opens a vault twice at one time. One thread.
#pragma once

#include <lmdb.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "crypto/base/byte_order.h"

namespace chainfs::fs::check {

class RawStore {
 public:
  explicit RawStore(const std::string& vault) : vault_(vault) {
    if (!open_.insert(vault_).second) throw std::logic_error(vault_ + " is open already");
    Must(mdb_env_create(&env_));
    Must(mdb_env_set_maxdbs(env_, 16));
    Must(mdb_env_set_mapsize(env_, size_t{1} << 30));
    Must(mdb_env_open(env_, vault.c_str(), MDB_NOSYNC, 0600));
    Must(mdb_txn_begin(env_, nullptr, 0, &txn_));
  }
  RawStore(const RawStore&) = delete;
  ~RawStore() {
    mdb_txn_commit(txn_);
    mdb_env_close(env_);
    open_.erase(vault_);
  }

  static Bytes Key(uint64_t number) {
    Bytes key(8);
    PutBE(key.data(), number);
    return key;
  }
  static Bytes Key(std::string_view name) { return Bytes(name.begin(), name.end()); }

  Bytes Get(const char* table, Bytes key) {
    MDB_val k = ValOf(key), value;
    Must(mdb_get(txn_, Open(table), &k, &value));
    const auto* at = static_cast<const uint8_t*>(value.mv_data);
    return Bytes(at, at + value.mv_size);
  }
  void Put(const char* table, Bytes key, Bytes value) {
    MDB_val k = ValOf(key), v = ValOf(value);
    Must(mdb_put(txn_, Open(table), &k, &v, 0));
  }
  void Delete(const char* table, Bytes key) {
    MDB_val k = ValOf(key);
    Must(mdb_del(txn_, Open(table), &k, nullptr));
  }
  void Flip(const char* table, const Bytes& key, size_t byte) {
    Bytes value = Get(table, key);
    value.at(byte) ^= 0x10;
    Put(table, key, value);
  }
  void Swap(const char* table, const Bytes& one, const Bytes& other) {
    const Bytes value = Get(table, one);
    Put(table, one, Get(table, other));
    Put(table, other, value);
  }
  std::vector<Bytes> Keys(const char* table) {
    std::vector<Bytes> keys;
    MDB_cursor* cursor = nullptr;
    Must(mdb_cursor_open(txn_, Open(table), &cursor));
    MDB_val key, value;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
      const auto* at = static_cast<const uint8_t*>(key.mv_data);
      keys.emplace_back(at, at + key.mv_size);
    }
    mdb_cursor_close(cursor);
    return keys;
  }
  void MakeTable(const char* table) {
    MDB_dbi handle = 0;
    Must(mdb_dbi_open(txn_, table, MDB_CREATE, &handle));
  }
  void Empty(const char* table) { Must(mdb_drop(txn_, Open(table), 0)); }

 private:
  static void Must(int rc) {
    if (rc != 0) throw std::runtime_error(mdb_strerror(rc));
  }
  static MDB_val ValOf(Bytes& bytes) { return {bytes.size(), bytes.data()}; }
  MDB_dbi Open(const char* table) {
    MDB_dbi handle = 0;
    Must(mdb_dbi_open(txn_, table, 0, &handle));
    return handle;
  }

  static inline std::set<std::string> open_;

  const std::string vault_;
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
};

// The same, each step in a transaction of its own: arguments may look into the vault, too.
class RawTables {
 public:
  explicit RawTables(const std::string& vault) : vault_(vault) {}
  Bytes Get(const char* table, const Bytes& key) const { return RawStore(vault_).Get(table, key); }
  void Put(const char* table, const Bytes& key, const Bytes& value) const {
    RawStore(vault_).Put(table, key, value);
  }
  void Delete(const char* table, const Bytes& key) const { RawStore(vault_).Delete(table, key); }
  void Flip(const char* table, const Bytes& key, size_t byte) const {
    RawStore(vault_).Flip(table, key, byte);
  }
  void Swap(const char* table, const Bytes& one, const Bytes& other) const {
    RawStore(vault_).Swap(table, one, other);
  }
  std::vector<Bytes> Keys(const char* table) const { return RawStore(vault_).Keys(table); }
  void MakeTable(const char* table) const { RawStore(vault_).MakeTable(table); }
  void Empty(const char* table) const { RawStore(vault_).Empty(table); }

 private:
  const std::string vault_;
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/store/store.h"

#include <cassert>

#include "fs/store/lmdb_error.h"
#include "fs/store/store_impl.h"

namespace chainfs::fs::store {
Result<std::unique_ptr<Store>> Store::Open(const std::string& directory, StoreOptions options) {
  assert(!(options.create && options.read_only));
  Result<Environment> environment = Environment::Open(directory, options);
  if (!environment) return environment.error();
  auto impl = std::make_unique<Impl>(*std::move(environment));
  impl->read_only = options.read_only;
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<ReadTxn> Store::BeginRead() const {
  MDB_txn* txn = nullptr;
  if (int rc = impl_->pool.Take(&txn)) return OpenError(rc, "cannot read the database");
  return ReadTxn(impl_.get(), txn);
}

Result<WriteTxn> Store::BeginWrite() {
  assert(!impl_->read_only);
  if (impl_->failed) {
    return Error{ErrorCode::kIo,
                 "an earlier write to the database failed: read-only until the "
                 "vault is opened again"};
  }
  [[maybe_unused]] const bool other = impl_->writing.exchange(true);
  assert(!other);
  // Killed readers must not hold pages for ever; this looks at one process id in the usual case.
  int dead = 0;
  mdb_reader_check(impl_->environment.handle.get(), &dead);
  MDB_txn* txn = nullptr;
  if (int rc = mdb_txn_begin(impl_->environment.handle.get(), nullptr, 0, &txn)) {
    impl_->writing = false;
    return OpenError(rc, "cannot write the database");
  }
  return WriteTxn(impl_.get(), txn);
}

uint64_t Store::Reserve(uint64_t bytes) { return impl_->space.Reserve(bytes); }
SpaceInfo Store::Space() const { return impl_->space.Get(impl_->pool); }

Result<void> Store::AgeFreePages() {
  auto txn = BeginWrite();
  if (!txn) return std::move(txn).error();
  // LMDB takes a transaction without a write for none.
  if (auto put = txn->PutMeta(kAgeMeta, {}); !put) return put;
  return txn->Commit();
}

}  // namespace chainfs::fs::store

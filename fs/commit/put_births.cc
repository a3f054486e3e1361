// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/put_births.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace chainfs::fs {
namespace {

constexpr size_t kBatchObjects = 4096;
constexpr size_t kBatchBytes = 16 << 20;

class Batch {
 public:
  Batch(store::WriteTxn& txn, const crypto::ObjectSealer& sealer, ParallelSealer& parallel)
      : txn_(txn), sealer_(sealer), parallel_(parallel) {}

  using Objects = std::span<const std::shared_ptr<const PendingObject>>;
  // REQUIRES: births.size() == objects.size(). `may_reserve`: see store::WriteTxn.
  Result<void> Put(Objects objects, std::span<ledger::Birth> births, bool may_reserve) {
    min_reserved_bytes_ = may_reserve ? txn_.min_reserved_bytes() : SIZE_MAX;
    SealBuffered(objects, births);
    std::vector<SealTask> reserved;
    size_t at = 0;
    for (size_t i = 0; i < objects.size(); ++i) {
      const PendingObject& object = *objects[i];
      const size_t bytes = SealedBytes(object.pointer().length_bytes);
      if (bytes < min_reserved_bytes_) {
        if (auto put = txn_.PutObject(object.id(), {buffer_.data() + at, bytes}); !put) return put;
        at += bytes;
        continue;
      }
      auto out = txn_.ReserveObject(object.id(), bytes);
      if (!out) return std::move(out).error();
      reserved.push_back({&object, *out, &births[i]});
    }
    parallel_.Seal(sealer_, reserved);
    return {};
  }

 private:
  // What has no pages of its own is sealed before it is put.
  void SealBuffered(Objects objects, std::span<ledger::Birth> births) {
    size_t total = 0;
    for (const auto& object : objects) {
      const size_t bytes = SealedBytes(object->pointer().length_bytes);
      if (bytes < min_reserved_bytes_) total += bytes;
    }
    if (buffer_.size() < total) buffer_.resize(total);
    std::vector<SealTask> tasks;
    size_t at = 0;
    for (size_t i = 0; i < objects.size(); ++i) {
      const size_t bytes = SealedBytes(objects[i]->pointer().length_bytes);
      if (bytes >= min_reserved_bytes_) continue;
      tasks.push_back({objects[i].get(), {buffer_.data() + at, bytes}, &births[i]});
      at += bytes;
    }
    parallel_.Seal(sealer_, tasks);
  }

  store::WriteTxn& txn_;
  const crypto::ObjectSealer& sealer_;
  ParallelSealer& parallel_;
  size_t min_reserved_bytes_ = 0;
  Bytes buffer_;
};

// How many objects from `begin` on to put at once.
size_t CountForBatch(Batch::Objects objects, size_t begin) {
  size_t end = begin, bytes = 0;
  while (end < objects.size() && end - begin < kBatchObjects && bytes < kBatchBytes) {
    bytes += SealedBytes(objects[end++]->pointer().length_bytes);
  }
  return end - begin;
}

}  // namespace

Result<void> PutBirths(store::WriteTxn& txn, const crypto::ObjectSealer& sealer,
                       ParallelSealer& parallel, const FrozenSet& frozen,
                       std::vector<ledger::Birth>& births, size_t max_reserved) {
  births.resize(frozen.births().size());
  Batch batch(txn, sealer, parallel);
  for (size_t begin = 0, count; begin < births.size(); begin += count) {
    count = CountForBatch(frozen.births(), begin);
    const bool may_reserve = begin + count <= max_reserved;
    auto put = batch.Put(std::span(frozen.births()).subspan(begin, count),
                         std::span(births).subspan(begin, count), may_reserve);
    if (!put) return put;
  }
  return {};
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/reachable_objects.h"

#include <algorithm>

#include "crypto/sha256.h"
#include "ledger/commit_lists.h"
#include "ledger/record.h"

namespace chainfs::fs::check {
namespace {

constexpr uint64_t kRecordsPerTransaction = 256;

}  // namespace

ReachableObjects::ReachableObjects(const ChainHead& head, const std::vector<Sequence>& altered,
                                   size_t most_ids)
    : next_id_(head.next_id),
      newest_(head.newest),
      altered_(altered),
      most_ids_(std::max<size_t>(most_ids, 64)) {}

Result<bool> ReachableObjects::BeginWindow(const store::Store& store,
                                           const std::function<bool()>& go_on) {
  from_ = end_;
  if (from_ >= next_id_.value) return false;
  const size_t ids = static_cast<size_t>(std::min<uint64_t>(next_id_.value - from_, most_ids_));
  end_ = from_ + ids;
  reached_.assign(ids, false);
  dead_.assign(ids, false);
  for (uint64_t record = 0; record <= newest_.value;) {
    auto txn = store.BeginRead();
    if (!txn) return std::move(txn).error();
    const uint64_t end = std::min(newest_.value + 1, record + kRecordsPerTransaction);
    for (; record < end; ++record) {
      if (!go_on()) return true;
      MarkDead(*txn, Sequence(record));
    }
  }
  return true;
}

void ReachableObjects::MarkDead(const store::ReadTxn& txn, Sequence number) {
  if (std::ranges::binary_search(altered_, number)) return;
  const auto encoded = txn.FindRecord(number), lists = txn.FindLists(number);
  const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
  const auto rows = lists ? ledger::SplitLists(*lists) : std::nullopt;
  if (!record || !rows || crypto::Sha256(rows->deaths) != record->deaths_digest) return;
  for (ByteView left = rows->deaths; !left.empty(); left = left.subspan(ledger::kDeathBytes)) {
    const ObjectId id = ledger::DecodeDeath(left.data()).id;
    if (Covers(id)) dead_[id.value - from_] = true;
  }
}

ReachableObjects::Seen ReachableObjects::Mark(const Pointer& pointer) {
  if (!Covers(pointer.id)) return Seen::kElsewhere;
  const size_t i = pointer.id.value - from_;
  if (reached_[i]) return Seen::kAgain;
  reached_[i] = true;
  ++count_;
  sealed_bytes_ += SealedBytes(pointer.length_bytes);
  return Seen::kFirst;
}

bool ReachableObjects::IsDead(ObjectId id) const { return Covers(id) && dead_[id.value - from_]; }

}  // namespace chainfs::fs::check

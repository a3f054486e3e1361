// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/snapshot.h"

#include <algorithm>

#include "fs/check/entry_key.h"
#include "ledger/record.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kMostPastTheEnd = 4096;
// The longest value that chainfs writes; of a longer one so much is kept that it shows.
constexpr size_t kLongestMetaBytes = std::max(kMaxCheckpointBytes, 8 * kMaxBranches);

}  // namespace

Result<Snapshot> Snapshot::Take(const store::Store& store, RetentionHold* hold,
                                std::chrono::milliseconds renew_after) {
  auto txn = store.BeginRead();
  if (!txn) return std::move(txn).error();
  Snapshot snapshot(std::move(*txn));
  snapshot.store_ = &store;
  snapshot.hold_ = hold;
  snapshot.renew_after_ = renew_after;
  snapshot.begun_ = std::chrono::steady_clock::now();
  snapshot.last_object_ = snapshot.txn_.LastObject().value_or(ObjectId(0));
  if (hold != nullptr) snapshot.FindEndOfIds();
  for (const char* name : kKnownMeta) {
    const auto value = snapshot.txn_.FindMeta(name);
    if (!value) continue;
    const ByteView kept = value->first(std::min(value->size(), kLongestMetaBytes + 1));
    snapshot.meta_[name] = Bytes(kept.begin(), kept.end());
  }
  if (hold != nullptr && !hold->StillHeld()) {
    return Error{ErrorCode::kBusy, "the daemon's hold was lost"};
  }
  return snapshot;
}

void Snapshot::FindEndOfIds() {
  end_of_ids_ = ObjectId(std::max(last_object_.value, last_object_.value + 1));
  const auto newest = txn_.NewestRecord();
  const auto encoded = newest ? txn_.FindRecord(*newest) : std::nullopt;
  const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
  if (!record) return;
  end_of_ids_ = record->next_id;
  // What cannot be read here cannot be read later either, and is a finding then.
  (void)txn_.ForEachEntry(store::Table::kObjects, KeyOfNumber(record->next_id.value),
                          [&](ByteView key, ByteView) {
                            const auto number = NumberOfKey(key);
                            if (number) past_the_end_.push_back(ObjectId(*number));
                            return past_the_end_.size() < kMostPastTheEnd;
                          });
}

bool Snapshot::IsRenewalDue() const {
  if (hold_lost_) return true;
  return is_live() && std::chrono::steady_clock::now() - begun_ >= renew_after_;
}

bool Snapshot::Renew() {
  // If there is no transaction to be had, the old one serves on.
  if (auto fresh = store_->BeginRead()) txn_ = std::move(*fresh);
  begun_ = std::chrono::steady_clock::now();
  hold_lost_ = hold_lost_ || !hold_->StillHeld();
  return !hold_lost_;
}

std::optional<ByteView> Snapshot::FindMeta(std::string_view name) const {
  const auto found = meta_.find(name);
  if (found == meta_.end()) return std::nullopt;
  return ByteView(found->second);
}

}  // namespace chainfs::fs::check

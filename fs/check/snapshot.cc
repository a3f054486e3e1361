// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/snapshot.h"

#include <algorithm>

#include "fs/check/meta_check.h"
#include "fs/history/branches.h"
#include "fs/history/stored_tiles.h"

namespace chainfs::fs::check {
namespace {

// The longest value that chainfs writes; a longer one is damage, and is not copied.
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

bool Snapshot::IsRenewalDue() const {
  return is_live() && std::chrono::steady_clock::now() - begun_ >= renew_after_;
}

bool Snapshot::Renew() {
  // If there is no transaction to be had, the old one serves on.
  if (auto fresh = store_->BeginRead()) txn_ = std::move(*fresh);
  begun_ = std::chrono::steady_clock::now();
  return hold_->StillHeld();
}

std::optional<ByteView> Snapshot::FindMeta(std::string_view name) const {
  const auto found = meta_.find(name);
  if (found == meta_.end()) return std::nullopt;
  return ByteView(found->second);
}

}  // namespace chainfs::fs::check

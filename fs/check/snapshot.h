// SPDX-License-Identifier: GPL-3.0-or-later
// The moment of a vault that a check is about, and the read transaction through which it looks.
//
// What a commit replaces or can remove is read in the first transaction: the signed head, the meta
// values, the tiles that are not full. The rest (records, lists, full tiles, objects under a
// retention hold) stays as it was while newer ones are added, and may be read in a later
// transaction. So the transaction can be renewed every few seconds, and LMDB goes on reusing pages.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "fs/check/retention_hold.h"
#include "fs/commit/chain_head.h"
#include "fs/history/branches.h"
#include "fs/history/stored_tiles.h"
#include "fs/store/store.h"
#include "ledger/tile.h"

namespace chainfs::fs::check {

// The meta values that chainfs writes, and that a snapshot keeps.
constexpr const char* kKnownMeta[] = {kCheckpointMeta, kGraveyardMeta, kBranchesMeta,
                                      store::kAgeMeta};

// One thread at a time; views of its transaction may be read by any until it is renewed.
class Snapshot {
 public:
  // Errors: Store::BeginRead's; kBusy: the hold was lost. `store` and `hold` outlive the snapshot.
  static Result<Snapshot> Take(const store::Store& store, RetentionHold* hold,
                               std::chrono::milliseconds renew_after);

  const store::ReadTxn& txn() const { return txn_; }
  // Without a hold never: one transaction serves to the end.
  bool IsRenewalDue() const;
  // Views end here. False, now and ever after: the hold was lost, perhaps before the new
  // transaction began. So what a transaction shows is always a state under the hold.
  [[nodiscard]] bool Renew();
  // Whether somebody may be writing to the vault, under our hold.
  bool is_live() const { return hold_ != nullptr; }

  // A meta value as of the moment, its beginning if it is longer than any of ours can be; nullopt:
  // there was none, or none of this name is ours.
  std::optional<ByteView> FindMeta(std::string_view name) const;
  // The largest object id in the store at the moment; 0: none.
  ObjectId last_object() const { return last_object_; }
  // Of a live vault: the end of the ids that the newest record accounts for, past which objects
  // come into the store while it is checked; and those (some thousands at the most) that lay there
  // at the moment, when nothing should have.
  ObjectId end_of_ids() const { return end_of_ids_; }
  const std::vector<ObjectId>& objects_past_the_end() const { return past_the_end_; }

 private:
  explicit Snapshot(store::ReadTxn txn) : txn_(std::move(txn)) {}
  void FindEndOfIds();

  const store::Store* store_ = nullptr;
  RetentionHold* hold_ = nullptr;
  std::chrono::milliseconds renew_after_{};
  std::chrono::steady_clock::time_point begun_;
  store::ReadTxn txn_;
  std::map<std::string, Bytes, std::less<>> meta_;
  ObjectId last_object_, end_of_ids_;
  std::vector<ObjectId> past_the_end_;
  bool hold_lost_ = false;
};

}  // namespace chainfs::fs::check

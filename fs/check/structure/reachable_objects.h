// SPDX-License-Identifier: GPL-3.0-or-later
// Which objects the tree refers to, how many and how large, and which of them the ledger's lists
// call dead. Two bits an id, for a window of the ids at a time; the totals are those of all
// windows. One thread at a time.
#pragma once

#include <functional>
#include <vector>

#include "fs/commit/chain_head.h"

namespace chainfs::fs::check {

class ReachableObjects {
 public:
  // Ids up to `head`'s next id, `most_ids` at a time (at least 64). `altered`: records that are not
  // the ledger's, ascending; outlives this.
  ReachableObjects(const ChainHead& head, const std::vector<Sequence>& altered, size_t most_ids);

  // Begins the first or next window, and reads which of its objects have died. False: all ids have
  // been in one. `go_on` is asked between records; if it says no, the window is of no use.
  // Lists that cannot be read, or are not those that a record of the ledger commits to, are left
  // out: another pass says so.
  Result<bool> BeginWindow(const store::Store& store, const std::function<bool()>& go_on);

  enum class Seen { kFirst, kAgain, kElsewhere };  // kElsewhere: not in this window
  Seen Mark(const Pointer& pointer);
  // Of one in the window.
  bool IsDead(ObjectId id) const;
  bool IsUnborn(ObjectId id) const { return id >= next_id_; }

  // Those that were marked in a window.
  uint64_t count() const { return count_; }
  uint64_t sealed_bytes() const { return sealed_bytes_; }

 private:
  bool Covers(ObjectId id) const { return id.value >= from_ && id.value - from_ < reached_.size(); }
  void MarkDead(const store::ReadTxn& txn, Sequence record);

  const ObjectId next_id_;
  const Sequence newest_;
  const std::vector<Sequence>& altered_;
  const size_t most_ids_;
  uint64_t from_ = 0, end_ = 0;  // of the window
  std::vector<bool> reached_, dead_;
  uint64_t count_ = 0, sealed_bytes_ = 0;
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of one structure check share: what is checked, the way to the tree, the findings,
// and whether the check goes on. One thread; the members that are const may be used by all.
#pragma once

#include <string>

#include "crypto/name_hash.h"
#include "crypto/sealing.h"
#include "fs/check/pace.h"
#include "fs/check/retention_hold.h"
#include "fs/check/structure/finding_queue.h"
#include "fs/check/structure/lost_ranges.h"
#include "fs/commit/chain_head.h"
#include "fs/store/store.h"
#include "fs/tree/tree.h"

namespace chainfs::fs::check {

class StructureRun {
 public:
  // All must outlive it. `hold` and `pace` may be null.
  StructureRun(const store::Store& store, const crypto::ObjectSealer& sealer,
               const crypto::NameHasher& hasher, const ChainHead& head, RetentionHold* hold,
               Pace* pace, Listener& listener);

  const store::Store& store;
  const crypto::ObjectSealer& sealer;
  const crypto::NameHasher& hasher;
  const ChainHead& head;

  NodeTable nodes;  // a small one
  Tree tree;        // for looking things up; open once the root has been read
  LostRanges lost;
  FindingQueue findings;

  // Asked for every object. False: the check has been stopped.
  bool GoOn();
  // Something cannot be read. Whether that is damage; false: it need not be, since the vault may
  // have been written to, and the check has been stopped.
  bool IsDamage();
  void Stop(const std::string& why);
  // Why the check does not go to its end; empty: it does.
  const std::string& stopped() const { return stopped_; }

  // An object is about to be read: waits for as long as the pace says.
  void AwaitTurn(const Pointer& pointer) {
    if (pace_ != nullptr) pace_->Spend(SealedBytes(pointer.length_bytes));
  }
  // One more object was looked at.
  void CountObject() { ++progress_.done; }
  void ReportProgress();

 private:
  RetentionHold* const hold_;
  Pace* const pace_;
  Listener& listener_;
  std::string stopped_;
  uint64_t asked_ = 0;
  Progress progress_{Pass::kStructure, 0, 0, true};
};

}  // namespace chainfs::fs::check

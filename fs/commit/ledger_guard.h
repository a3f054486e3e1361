// SPDX-License-Identifier: GPL-3.0-or-later
// Stands between the store and the signing key: what is about to be signed must continue what is
// stored, and what is stored must be what was verified at open or written since. The store is a
// file that others may be able to write to while we have it open.
#pragma once

#include <deque>

#include "fs/commit/chain_head.h"
#include "fs/store/store.h"

namespace chainfs::fs {

// The commit thread's.
class LedgerGuard {
 public:
  // `head` has been verified.
  explicit LedgerGuard(const ChainHead& head) : newest_(head.newest) {}

  // `head` has been committed.
  void NoteCommitted(const ChainHead& head);

  // Whether the store's newest record and checkpoint are those of `head`. Before a tile becomes
  // full, and so is stored for good, the whole right edge of the tree is read again, too.
  bool IsStored(const store::ReadTxn& txn, const ChainHead& head) const;

  // Whether `encoded` is the ledger's record with this number. O(log n), and less for those of
  // this session.
  bool IsGenuine(const store::ReadTxn& txn, const ChainHead& head, Sequence record,
                 ByteView encoded) const;

 private:
  static constexpr size_t kMostLinks = 4096;  // of which the newest are kept

  Sequence newest_;           // the record of links_.back(), or at open
  std::deque<Digest> links_;  // of the newest records of this session
};

}  // namespace chainfs::fs

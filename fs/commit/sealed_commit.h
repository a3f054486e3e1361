// SPDX-License-Identifier: GPL-3.0-or-later
// What one commit writes beside its objects: lists, record and signed head. They are made once,
// when all objects are sealed for the first time: a retry after a full disk seals the same objects
// to the same blobs, and puts the same record.
#pragma once

#include <memory>
#include <optional>

#include "crypto/secret.h"
#include "fs/commit/chain_head.h"
#include "fs/commit/frozen_set.h"

namespace chainfs::fs {

struct SealedCommit {
  std::shared_ptr<const FrozenSet> frozen;
  ledger::CommitLists lists;  // births: complete once the objects have been put
  // Without lists.reaps; with what else dies in this commit it becomes next_head.graveyard.
  // nullopt: nothing is reaped.
  std::optional<Graveyard> reaped_to;
  // A repair, which leaves no graveyard: lists.reaps has everything that is dead, what dies in this
  // commit at its end.
  bool empties_graveyard = false;
  Bytes encoded_lists;
  Bytes encoded_record;        // empty: CompleteRecord is still to come
  bool begins_branch = false;  // the record is a ROLLBACK_ACCEPTED
  ChainHead next_head;         // what holds once it is durable
};

// Writes the record that follows `head`, and signs the ledger's new head: sets encoded_lists,
// encoded_record, begins_branch and next_head. `record` has its type, and what is that type's own;
// everything else is filled in. `seed`: the ledger's.
// REQUIRES: commit.frozen, and every list, complete. `head` is what the store holds: of one head,
// two different successors must never be signed.
void CompleteRecord(const ChainHead& head, ledger::Record record, uint64_t now_ns,
                    const crypto::SecretKey& seed, SealedCommit& commit);

// Puts a complete commit's lists, record, tiles and checkpoint into the transaction, and where the
// graveyard begins. The objects are the caller's to put and to delete.
// Errors: the store's.
Result<void> PutRecordOf(store::WriteTxn& txn, const SealedCommit& commit);

}  // namespace chainfs::fs

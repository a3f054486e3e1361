// SPDX-License-Identifier: GPL-3.0-or-later
// The sealed form of one commit: blobs, lists and record, complete before the transaction begins,
// so that a retry after a full disk writes the identical bytes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "crypto/sealing.h"
#include "fs/commit/chain_head.h"
#include "fs/commit/frozen_set.h"

namespace chainfs::fs {

struct SealedCommit {
  std::shared_ptr<const FrozenSet> frozen;
  std::vector<ByteView> blobs;  // by place in frozen->births(); into the sealer's arena
  ledger::CommitLists lists;
  std::optional<Graveyard> reaped_to;  // set if lists.reaps is not empty
  // A repair, which leaves no graveyard: lists.reaps has everything that is dead, what dies in this
  // commit at its end. Then reaped_to is set by CompleteRecord.
  bool empties_graveyard = false;
  Bytes encoded_lists;
  Bytes encoded_record;
  bool begins_branch = false;  // the record is a ROLLBACK_ACCEPTED
  ChainHead next_head;         // what holds once it is durable
};

// Seals the objects of a frozen set on all CPUs. One caller at a time; the blobs live in an arena
// that the next call reuses.
class ParallelSealer {
 public:
  // `threads` counts the caller, too.
  explicit ParallelSealer(unsigned threads);
  ~ParallelSealer();

  // Fills `blobs` and `lists.births`.
  void Seal(const crypto::ObjectSealer& sealer, const FrozenSet& frozen, SealedCommit& commit);

 private:
  struct Job;
  void WorkerLoop();
  static void RunJob(Job& job);

  std::unique_ptr<uint8_t[]> arena_;
  size_t arena_bytes_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  Job* job_ = nullptr;  // under mutex_
  uint64_t job_number_ = 0;
  unsigned running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

// Writes the record that follows `head`, and signs the ledger's new head: sets encoded_lists,
// encoded_record, begins_branch and next_head. `record` has its type, and what is that type's own;
// everything else is filled in. `seed`: the ledger's.
// REQUIRES: commit.frozen, and every list, complete. `head` is what the store holds: of one head,
// two different successors must never be signed.
void CompleteRecord(const ChainHead& head, ledger::Record record, uint64_t now_ns,
                    const crypto::SecretKey& seed, SealedCommit& commit);

// Puts a complete commit's lists, record, tiles and checkpoint into the transaction, and where the
// graveyard begins if that has moved. The objects are the caller's to put and to delete.
// Errors: the store's.
Result<void> PutRecordOf(store::WriteTxn& txn, const SealedCommit& commit);

}  // namespace chainfs::fs

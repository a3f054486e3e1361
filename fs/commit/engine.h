// SPDX-License-Identifier: GPL-3.0-or-later
// The commit engine: one thread that freezes a generation, has it sealed in parallel, and puts it
// into the store with its record in one transaction. DESIGN.md section 6 is its specification.
//
// At most two generations are dirty: the open one, and one frozen. A frozen generation whose commit
// failed for want of space is tried again with the same bytes; after any other failure the volume
// is read-only, and says so.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "crypto/base/result.h"
#include "crypto/secret.h"
#include "fs/commit/chain_head.h"
#include "fs/commit/ledger_guard.h"
#include "fs/commit/parallel_sealer.h"
#include "fs/commit/retention.h"
#include "fs/commit/retention_holds.h"
#include "fs/commit/sealed_commit.h"
#include "fs/commit/space_budget.h"

namespace chainfs::fs {

struct Core;

struct EngineStatus {
  Sequence head;
  std::string checkpoint;  // the ledger's signed head
  uint64_t last_commit_ns = 0;
  uint64_t commits = 0;
  uint64_t live_objects = 0, live_bytes = 0;
  std::string failure;
};

class CommitEngine {
 public:
  // `head` has been verified; `seed` is the ledger's signing key. `core` must outlive the engine;
  // no thread runs before Start.
  CommitEngine(Core& core, ChainHead head, crypto::SecretKey seed);
  ~CommitEngine();
  void Start();
  // Records that the owner goes on from this head, which is filled in as the kept one, and abandons
  // another: a new branch begins.
  // REQUIRES: not started yet.
  Result<void> AcceptRollback(const ledger::RollbackAcceptance& acceptance);
  // Commits what is dirty, ends the thread, and records a clean unmount if anything was committed.
  // Gives what Sync would.
  Result<void> Stop();

  // Waits while dirty memory is at its limit, then says whether an operation of this need may go
  // on: kReadOnly after a failure, kNoSpace (see SpaceBudget). REQUIRES: no tree lock held.
  // `promised`: fallocate has reserved the space for it.
  Result<void> AdmitGrowth(size_t growth_bytes, bool promised = false);
  Result<void> AdmitShrink();
  // True if AdmitGrowth would wait now, for memory or for space (a hint, for transports that must
  // not block).
  bool WouldWait() const;
  // Called with the tree lock held, at the end of each Change: what the open set holds, and what
  // fallocate has promised to files.
  void NoteDirty(size_t open_bytes, uint64_t promised_bytes);

  // An operation has broken off in the middle of its Change: the open set, which holds half of it,
  // is never committed, and the volume is read-only. Called with the tree lock held.
  void AbandonOpenSet();

  // Holds back the reaping of what dies after the head of this moment.
  std::shared_ptr<RetentionHold> HoldRetention();

  // Returns when everything done before the call is durable.
  Result<void> Sync();
  // As Sync, for what `generation` holds; at once if that is committed already.
  Result<void> SyncGeneration(uint64_t generation);

  const SpaceBudget& space() const { return space_; }
  // What statfs shows: of the disk, within the volume's size limit.
  uint64_t FreeForUser() const;
  uint64_t TotalBytes() const;
  size_t dirty_bytes() const { return open_bytes_.load() + frozen_bytes_.load(); }
  EngineStatus status() const;

 private:
  // How urgently a commit has to make room.
  enum class Need { kNone, kSpaceIsShort, kWritersWait };

  void Run();
  bool CommitOnce(Need need);                        // true: another one may gain more room
  std::shared_ptr<const FrozenSet> FreezeOpenSet();  // null: nothing changed
  bool PlanReaps(bool pressure, SealedCommit& commit);
  // The record is completed by the first call that gets so far: `record` has what is its own.
  Result<void> Write(SealedCommit& commit, const ledger::Record& record);
  bool WriteUntilDone(SealedCommit& commit);
  Result<void> WriteBareRecord(ledger::Record record);
  void AdvanceHead(const ChainHead& head);
  void TellHead() const;
  bool AgeFreePages();  // true: that has made room
  void Publish(const SealedCommit& commit);
  bool IsOutOfMemory() const;
  Result<void> WaitForMemory();
  Result<bool> CommitForSpace();  // false: nothing more to gain
  void Fail(const std::string& why);
  void UpdateStatus();

  Core& core_;
  ChainHead head_;     // the commit thread's
  LedgerGuard guard_;  // the commit thread's
  const crypto::SecretKey seed_;
  SpaceBudget space_;             // thread-safe
  RetentionHolds holds_;          // thread-safe
  bool reaping_is_held_ = false;  // as of the last plan; the commit thread's
  ParallelSealer sealer_;         // the commit thread's

  std::atomic<size_t> open_bytes_{0}, frozen_bytes_{0};
  std::atomic<bool> committing_{false}, failed_{false};
  std::atomic<bool> failing_{false};  // whoever sets it says why, and then sets failed_

  // Guards what follows. Taken after the tree lock or without it; nobody who holds it takes that.
  mutable std::mutex mutex_;
  std::condition_variable work_;  // for the commit thread
  std::condition_variable done_;  // for those who wait for it
  uint64_t committed_generation_ = 0;
  uint64_t wanted_generation_ = 0;                // commit at least this one, now
  uint64_t rounds_begun_ = 0, rounds_ended_ = 0;  // whether or not there was work
  bool made_progress_ = false;                    // the last round wrote something
  bool early_ = false;                            // dirty memory has passed half its limit
  bool for_space_ = false;                        // somebody waits for the graveyard to be reaped
  bool retrying_ = false;                         // the frozen set waits for disk space
  bool stopping_ = false;
  EngineStatus status_;
  std::thread thread_;
};

}  // namespace chainfs::fs

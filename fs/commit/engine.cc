// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/engine.h"

#include <algorithm>
#include <chrono>

#include "fs/clock.h"
#include "fs/commit/put_births.h"
#include "fs/core.h"
#include "fs/history/branches.h"

namespace chainfs::fs {
namespace {

// Each reaps a bounded part of the graveyard; others may be filling what one frees.
constexpr int kMostRoundsForSpace = 256;
constexpr uint64_t kMostOfOneOperation = 1 << 20;  // a write, as the kernel sends it
constexpr auto kRetryFullDisk = std::chrono::seconds(1);

unsigned SealThreads(const VolumeOptions& options) {
  return options.seal_threads != 0 ? options.seal_threads
                                   : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

CommitEngine::CommitEngine(Core& core, ChainHead head, crypto::SecretKey seed)
    : core_(core),
      head_(std::move(head)),
      guard_(head_),
      seed_(std::move(seed)),
      space_(*core.store, core.options.dirty_limit_bytes),
      sealer_(SealThreads(core.options)) {
  committed_generation_ = core.open->generation() - 1;
  space_.SetPromised(core.tree.counters().reserved_bytes);
  space_.Refresh(head_.graveyard.bytes);
  core_.limit.NoteCommitted(head_.live_bytes);
  core_.limit.NoteOpen(0, core.tree.counters().reserved_bytes);
  UpdateStatus();
}

CommitEngine::~CommitEngine() { (void)Stop(); }

void CommitEngine::Start() {
  thread_ = std::thread([this] { Run(); });
}

Result<void> CommitEngine::Stop() {
  if (!thread_.joinable()) return {};
  Result<void> synced = Sync();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
  {
    // A record that was signed and could not be written: no other one may have its number.
    std::lock_guard lock(mutex_);
    if (!synced || status_.commits == 0 || retrying_ || failed_) return synced;
  }
  ledger::Record record;
  record.type = ledger::RecordType::kCleanUnmount;
  return WriteBareRecord(record);
}

Result<void> CommitEngine::AcceptRollback(const ledger::RollbackAcceptance& acceptance) {
  ledger::Record record;
  record.type = ledger::RecordType::kRollbackAccepted;
  record.rollback = acceptance;
  record.rollback.kept_size = head_.edge.size();
  record.rollback.kept_root = head_.edge.Root();
  return WriteBareRecord(record);
}

Result<void> CommitEngine::WriteBareRecord(ledger::Record record) {
  SealedCommit commit;
  auto written = Write(commit, record);
  if (!written) return written;
  AdvanceHead(commit.next_head);
  {
    std::lock_guard lock(mutex_);
    UpdateStatus();
  }
  TellHead();
  return {};
}

void CommitEngine::AdvanceHead(const ChainHead& head) {
  head_ = head;
  guard_.NoteCommitted(head_);
}

void CommitEngine::TellHead() const {
  if (core_.options.on_new_head) core_.options.on_new_head(head_.checkpoint, head_.time_ns);
}

void CommitEngine::NoteDirty(size_t open_bytes, uint64_t promised_bytes) {
  space_.SetPromised(promised_bytes);
  const bool first = open_bytes_.exchange(open_bytes) == 0 && open_bytes > 0;
  // Start early enough that writers seldom meet the limit.
  const bool early = open_bytes > space_.dirty_limit() / 2 && !committing_;
  if (!first && !early) return;
  std::lock_guard lock(mutex_);
  early_ = early_ || early;
  work_.notify_one();
}

bool CommitEngine::IsOutOfMemory() const {
  return open_bytes_.load(std::memory_order_relaxed) >= space_.dirty_limit();
}

bool CommitEngine::WouldWait() const {
  if (failed_.load(std::memory_order_relaxed)) return false;
  if (IsOutOfMemory() || !space_.HasRoomToGrow(dirty_bytes(), false)) return true;
  return !core_.limit.HasRoomFor(kMostOfOneOperation, false);
}

uint64_t CommitEngine::FreeForUser() const {
  const uint64_t free = space_.FreeForUser();
  const uint64_t on_disk = free - std::min<uint64_t>(free, dirty_bytes());
  return core_.limit.bytes() ? std::min(on_disk, core_.limit.FreeForData()) : on_disk;
}

uint64_t CommitEngine::TotalBytes() const {
  return std::min(space_.total_bytes(), core_.limit.bytes().value_or(~uint64_t{0}));
}

Result<void> CommitEngine::WaitForMemory() {
  if (failed_.load(std::memory_order_acquire)) return ErrorCode::kReadOnly;
  if (!IsOutOfMemory()) return {};
  std::unique_lock lock(mutex_);
  early_ = true;
  work_.notify_one();
  done_.wait(lock, [&] { return !IsOutOfMemory() || retrying_ || failed_; });
  if (failed_) return ErrorCode::kReadOnly;
  if (IsOutOfMemory()) return ErrorCode::kNoSpace;  // the frozen set itself waits for the disk
  return {};
}

Result<void> CommitEngine::AdmitGrowth(size_t growth_bytes, bool promised) {
  if (auto memory = WaitForMemory(); !memory) return memory;
  if (space_.HasRoomToGrow(dirty_bytes() + growth_bytes, promised)) return {};
  // Committing what died, reaping it, and one more transaction after which LMDB reuses its pages.
  for (int round = 0; round < kMostRoundsForSpace; ++round) {
    auto progress = CommitForSpace();
    if (!progress) return std::move(progress).error();
    if (space_.HasRoomToGrow(dirty_bytes() + growth_bytes, promised)) return {};
    if (!*progress) break;
  }
  return ErrorCode::kNoSpace;
}

Result<void> CommitEngine::AdmitShrink() {
  if (auto memory = WaitForMemory(); !memory) return memory;
  if (space_.HasRoomToShrink(dirty_bytes())) return {};
  for (int round = 0; round < kMostRoundsForSpace; ++round) {
    auto progress = CommitForSpace();
    if (!progress) return std::move(progress).error();
    if (space_.HasRoomToShrink(dirty_bytes())) return {};
    if (!*progress) break;
  }
  return ErrorCode::kNoSpace;
}

Result<bool> CommitEngine::CommitForSpace() {
  std::unique_lock lock(mutex_);
  // The round that is running may have begun too early to see what just died.
  const uint64_t wanted = rounds_begun_ + 1;
  for_space_ = true;
  work_.notify_one();
  done_.wait(lock, [&] { return rounds_ended_ >= wanted || retrying_ || failed_; });
  if (failed_) return ErrorCode::kReadOnly;
  return !retrying_ && made_progress_;
}

std::shared_ptr<RetentionHold> CommitEngine::HoldRetention() {
  // Under the mutex: a commit that is under way reaps what had died by this head, and the next one
  // is planned only after it has been published, and then sees the hold.
  std::lock_guard lock(mutex_);
  return holds_.Hold(status_.head);
}

Result<void> CommitEngine::Sync() {
  uint64_t generation;
  {
    std::shared_lock tree(core_.tree_mutex);
    generation = core_.open->empty() ? core_.open->generation() - 1 : core_.open->generation();
  }
  return SyncGeneration(generation);
}

Result<void> CommitEngine::SyncGeneration(uint64_t generation) {
  std::unique_lock lock(mutex_);
  if (committed_generation_ >= generation) return {};
  wanted_generation_ = std::max(wanted_generation_, generation);
  work_.notify_one();
  done_.wait(lock, [&] { return committed_generation_ >= generation || retrying_ || failed_; });
  if (committed_generation_ >= generation) return {};
  return failed_ ? ErrorCode::kIo : ErrorCode::kNoSpace;
}

void CommitEngine::Run() {
  std::unique_lock lock(mutex_);
  const auto interval = std::chrono::milliseconds(core_.options.commit_interval_ms);
  const auto asked = [&] {
    return stopping_ || early_ || for_space_ || wanted_generation_ > committed_generation_;
  };
  for (;;) {
    // The interval starts with the first change; an idle volume wakes nobody.
    work_.wait(lock, [&] { return asked() || open_bytes_ > 0; });
    work_.wait_for(lock, interval, asked);
    if (failed_) {
      // Nothing more will be written; only wait to be stopped.
      work_.wait(lock, [&] { return stopping_; });
    }
    if (stopping_) return;
    const Need need = for_space_               ? Need::kWritersWait
                      : space_.UnderPressure() ? Need::kSpaceIsShort
                                               : Need::kNone;
    early_ = for_space_ = false;
    ++rounds_begun_;
    lock.unlock();
    const bool progress = CommitOnce(need);
    lock.lock();
    made_progress_ = progress;
    ++rounds_ended_;
    done_.notify_all();
  }
}

std::shared_ptr<const FrozenSet> CommitEngine::FreezeOpenSet() {
  std::unique_lock tree(core_.tree_mutex);
  if (core_.open->empty() || failed_) return nullptr;
  auto frozen = FrozenSet::Freeze(*core_.open, *core_.tree.root());
  core_.frozen = frozen;
  core_.open = std::make_unique<OpenSet>(frozen->generation() + 1, frozen->next_id());
  frozen_bytes_ = open_bytes_.exchange(0);
  core_.limit.NoteFrozen();
  return frozen;
}

bool CommitEngine::CommitOnce(Need need) {
  const bool pressure = need != Need::kNone;
  committing_ = true;
  SealedCommit commit;
  commit.frozen = FreezeOpenSet();
  if (commit.frozen) {
    std::lock_guard lock(mutex_);
    done_.notify_all();  // there is room for dirty memory again
  }
  const bool wanted = commit.frozen != nullptr || pressure;
  if (!wanted || !PlanReaps(pressure, commit) ||
      (commit.frozen == nullptr && commit.lists.reaps.empty())) {
    bool progress = pressure && AgeFreePages();
    if (!progress && need == Need::kWritersWait && reaping_is_held_) {
      holds_.BreakAll();  // the next round reaps what they kept
      progress = true;
    }
    committing_ = false;
    return progress;
  }
  if (commit.frozen) commit.lists.deaths = commit.frozen->deaths();
  const bool written = WriteUntilDone(commit);
  if (written) Publish(commit);
  committing_ = false;
  return written;
}

bool CommitEngine::PlanReaps(bool pressure, SealedCommit& commit) {
  auto txn = core_.store->BeginRead();
  if (txn && !guard_.IsStored(*txn, head_)) {
    Fail("the ledger in the vault is not the one that was left there: run chainfs-fsck");
    return false;
  }
  auto plan = txn ? PlanReaping(*txn, head_, guard_, {pressure, holds_.Oldest()})
                  : Result<Reaping>(txn.error());
  if (!plan) {
    Fail("the graveyard cannot be read: run chainfs-fsck");
    return false;
  }
  reaping_is_held_ = plan->was_held;
  commit.lists.reaps = std::move(plan->objects);
  commit.reaped_to = plan->graveyard;
  return true;
}

Result<void> CommitEngine::Write(SealedCommit& commit, const ledger::Record& record) {
  auto txn = core_.store->BeginWrite();
  if (!txn) return std::move(txn).error();
  if (commit.frozen) {
    auto put = PutBirths(*txn, core_.sealer, sealer_, *commit.frozen, commit.lists.births);
    if (!put) return put;
  }
  // Once: of one head, two different successors must never be signed.
  if (commit.encoded_record.empty()) {
    CompleteRecord(head_, record, RealtimeNs(), seed_, commit);
  } else if (ledger::DecodeRecord(commit.encoded_record)->births_root !=
             ledger::BirthsRoot(commit.lists.births)) {
    return Error{ErrorCode::kIo, "an object was sealed to other bytes than the first time"};
  }
  for (const ledger::Death& reap : commit.lists.reaps) {
    if (auto gone = txn->DeleteObject(reap.id); !gone) return gone;
  }
  if (commit.begins_branch) {
    auto stored = core_.store->BeginRead();
    if (!stored) return std::move(stored).error();
    const Bytes branches = ExtendBranches(*stored, commit.next_head.newest);
    if (auto put = txn->PutMeta(kBranchesMeta, branches); !put) return put;
  }
  if (auto put = PutRecordOf(*txn, commit); !put) return put;
  return txn->Commit();
}

bool CommitEngine::WriteUntilDone(SealedCommit& commit) {
  for (;;) {
    Result<void> written = Write(commit, {});
    std::unique_lock lock(mutex_);
    if (written) {
      retrying_ = false;
      return true;
    }
    if (written.error().code != ErrorCode::kNoSpace) {
      lock.unlock();
      Fail(written.error().message.empty() ? "a commit could not be written"
                                           : written.error().message);
      return false;
    }
    lock.unlock();
    if (AgeFreePages()) continue;
    lock.lock();
    // Everything stays in memory; whoever waits is told, and the same bytes are tried again.
    retrying_ = true;
    done_.notify_all();
    work_.wait_for(lock, kRetryFullDisk, [&] { return stopping_; });
    if (stopping_) return false;
  }
}

bool CommitEngine::AgeFreePages() {
  if (!space_.HasAgingPages()) return false;
  const uint64_t before = space_.room();
  // Best effort: a failing disk shows at the next commit.
  const bool aged = core_.store->AgeFreePages().has_value();
  space_.Refresh(head_.graveyard.bytes);
  // Without a gain there would always be another attempt.
  return aged && space_.room() >= before + SpaceBudget::kWorthAging / 2;
}

void CommitEngine::Publish(const SealedCommit& commit) {
  AdvanceHead(commit.next_head);
  if (commit.frozen) {
    {
      std::unique_lock tree(core_.tree_mutex);
      core_.frozen = nullptr;
      core_.limit.NoteCommitted(head_.live_bytes);
    }
    for (const NodeRef& node : commit.frozen->nodes()) core_.nodes.MarkClean(node);
  }
  // In this order: until the room that is left is known, what took it counts as still to be
  // written.
  space_.Refresh(head_.graveyard.bytes);
  if (commit.frozen) frozen_bytes_ = 0;
  {
    std::lock_guard lock(mutex_);
    if (commit.frozen) {
      committed_generation_ = std::max(committed_generation_, commit.frozen->generation());
    }
    ++status_.commits;
    UpdateStatus();
    done_.notify_all();
  }
  TellHead();
}

void CommitEngine::UpdateStatus() {
  status_.head = head_.newest;
  status_.checkpoint = head_.checkpoint;
  status_.last_commit_ns = head_.time_ns;
  status_.live_objects = head_.live_objects;
  status_.live_bytes = head_.live_bytes;
}

void CommitEngine::AbandonOpenSet() { Fail("an operation broke off: out of memory?"); }

void CommitEngine::Fail(const std::string& why) {
  if (failing_.exchange(true)) return;
  // First: whoever is told of the error afterwards finds the reason in the log.
  if (core_.options.on_failure) core_.options.on_failure(why);
  std::lock_guard lock(mutex_);
  status_.failure = why;
  failed_ = true;
  done_.notify_all();
}

EngineStatus CommitEngine::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace chainfs::fs

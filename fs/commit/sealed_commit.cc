// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/sealed_commit.h"

#include <algorithm>

#include "crypto/sha256.h"
#include "fs/history/stored_tiles.h"

namespace chainfs::fs {
namespace {
constexpr size_t kWorthWaking = 256 * 1024;  // fewer bytes are sealed faster than a thread wakes
constexpr size_t kKeepArena = 16 << 20;      // a larger one is given back after use
}  // namespace

struct ParallelSealer::Job {
  const crypto::ObjectSealer& sealer;
  const std::vector<std::shared_ptr<const PendingObject>>& objects;
  std::vector<MutableByteView> outputs;
  std::vector<ledger::Birth>& births;
  std::atomic<size_t> next{0};
};

ParallelSealer::ParallelSealer(unsigned threads) {
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { WorkerLoop(); });
}

ParallelSealer::~ParallelSealer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ParallelSealer::RunJob(Job& job) {
  std::vector<ByteView> parts;
  Bytes scratch;
  constexpr size_t kBatch = 8;
  for (;;) {
    const size_t begin = job.next.fetch_add(kBatch);
    const size_t end = std::min(begin + kBatch, job.objects.size());
    if (begin >= end) return;
    for (size_t i = begin; i < end; ++i) {
      const PendingObject& object = *job.objects[i];
      parts.clear();
      object.Gather(parts, scratch);
      const MutableByteView out = job.outputs[i];
      job.sealer.Seal(object.type(), object.pointer(), parts, out);
      job.births[i] = {object.id(), object.type(), static_cast<uint32_t>(out.size()),
                       object.pointer().nonce, crypto::Sha256(out)};
    }
  }
}

void ParallelSealer::WorkerLoop() {
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || (job_ != nullptr && job_number_ != seen); });
    if (stopping_) return;
    seen = job_number_;
    Job& job = *job_;
    ++running_;
    lock.unlock();
    RunJob(job);
    lock.lock();
    if (--running_ == 0) finished_.notify_all();
  }
}

void ParallelSealer::Seal(const crypto::ObjectSealer& sealer, const FrozenSet& frozen,
                          SealedCommit& commit) {
  const auto& objects = frozen.births();
  size_t total = 0;
  for (const auto& object : objects) total += SealedBytes(object->pointer().length_bytes);
  if (total > arena_bytes_ || arena_bytes_ > std::max(total, kKeepArena)) {
    arena_.reset();
    arena_.reset(new uint8_t[total]);  // not zeroed: every byte is about to be written
    arena_bytes_ = total;
  }
  Job job{sealer, objects, {}, commit.lists.births};
  commit.lists.births.resize(objects.size());
  size_t at = 0;
  for (const auto& object : objects) {
    const size_t size = SealedBytes(object->pointer().length_bytes);
    job.outputs.emplace_back(arena_.get() + at, size);
    at += size;
  }
  if (workers_.empty() || total < kWorthWaking) {
    RunJob(job);
  } else {
    {
      std::lock_guard lock(mutex_);
      job_ = &job;
      ++job_number_;
    }
    wake_.notify_all();
    RunJob(job);
    std::unique_lock lock(mutex_);
    job_ = nullptr;  // whoever has not woken yet has nothing to do
    finished_.wait(lock, [&] { return running_ == 0; });
  }
  commit.blobs.assign(job.outputs.begin(), job.outputs.end());
}

void CompleteRecord(const ChainHead& head, ledger::Record record, uint64_t now_ns,
                    const crypto::SecretKey& seed, SealedCommit& commit) {
  record.volume_id = head.origin.volume_id;
  record.sequence = Sequence(head.newest.value + 1);
  record.time_ns = std::max(now_ns, head.time_ns);
  record.session = head.session;
  record.previous_link = head.link;
  record.header_digest = head.header_digest;
  record.root = commit.frozen ? commit.frozen->root() : head.root;
  record.next_id = commit.frozen ? commit.frozen->next_id() : head.next_id;
  record.birth_count = commit.lists.births.size();
  record.births_root = ledger::BirthsRoot(commit.lists.births);
  record.death_count = commit.lists.deaths.size();
  record.deaths_digest = ledger::DeathsDigest(commit.lists.deaths);
  record.reap_count = commit.lists.reaps.size();
  record.reaps_digest = ledger::DeathsDigest(commit.lists.reaps);
  record.live_objects = head.live_objects + record.birth_count - record.death_count;
  record.live_bytes = head.live_bytes;
  for (const auto& birth : commit.lists.births) record.live_bytes += birth.sealed_bytes;
  for (const auto& death : commit.lists.deaths) record.live_bytes -= death.sealed_bytes;

  commit.encoded_lists = ledger::EncodeLists(commit.lists);
  commit.encoded_record = ledger::EncodeRecord(record);
  // What dies now joins the graveyard; what the caller planned to reap has left it.
  Graveyard graveyard = commit.reaped_to.value_or(head.graveyard);
  for (const auto& death : commit.lists.deaths) graveyard.bytes += death.sealed_bytes;
  if (commit.empties_graveyard) {
    commit.reaped_to = graveyard = {record.sequence, record.death_count, 0};
  }
  ChainHead& next = commit.next_head = head;
  next.newest = record.sequence;
  next.link = ledger::LinkOf(commit.encoded_record);
  next.root = record.root;
  next.next_id = record.next_id;
  next.live_objects = record.live_objects;
  next.live_bytes = record.live_bytes;
  next.time_ns = record.time_ns;
  next.graveyard = graveyard;
  next.edge.Append(next.link);
  commit.begins_branch = record.type == ledger::RecordType::kRollbackAccepted;
  if (commit.begins_branch) next.origin.branch = ledger::BranchOf(next.link);
  next.checkpoint = ledger::SignCheckpoint(CheckpointOf(next), seed);
}

Result<void> PutRecordOf(store::WriteTxn& txn, const SealedCommit& commit) {
  const Sequence sequence = commit.next_head.newest;
  if (auto put = txn.PutLists(sequence, commit.encoded_lists); !put) return put;
  if (auto put = txn.PutRecord(sequence, commit.encoded_record); !put) return put;
  for (const auto& [tile, hashes] : commit.next_head.edge.TilesToStore()) {
    if (auto put = txn.PutTile(ledger::KeyOfTile(tile), hashes); !put) return put;
  }
  if (commit.reaped_to) {
    const GraveyardMeta meta = EncodeGraveyard(commit.next_head.graveyard, sequence);
    if (auto put = txn.PutMeta(kGraveyardMeta, meta); !put) return put;
  }
  return txn.PutMeta(kCheckpointMeta, AsBytes(commit.next_head.checkpoint));
}

}  // namespace chainfs::fs

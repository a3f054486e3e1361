// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/orphans.h"

#include <algorithm>
#include <chrono>

#include "fs/core.h"
#include "fs/file/block_range.h"
#include "fs/file/shrink.h"
#include "fs/inode_access.h"
#include "fs/name/reclaim.h"

namespace chainfs::fs {
namespace {

using std::chrono::milliseconds;

constexpr size_t kBatch = 64;
constexpr size_t kScan = 4096;
// How long a first orphan waits for company: one Change for all is cheaper.
constexpr milliseconds kGather(10);
constexpr milliseconds kRetry(1000);
constexpr milliseconds kMostAtUnmount(3000);

// One step of one inode, in a change that others share; takes from the regions that the change may
// yet reclaim. True: nothing is left to do.
Result<bool> ReclaimOne(Core& core, Change& change, InodeNumber number, bool held_too,
                        uint64_t& regions) {
  auto inode = LoadInode(change, number);
  if (!inode && inode.error().code == ErrorCode::kStale) {
    // An item without an inode, if that: a damaged volume, or it has been reclaimed meanwhile.
    (void)EraseOrphan(change, number);
    return true;
  }
  if (!inode) return std::move(inode).error();
  if (inode->nlink > 0) return true;
  if (!held_too && core.lookups.MarkOrphan(number)) return true;  // its last Forget brings it back
  const uint64_t most = inode->size / kRegionBytes + 1;
  regions -= std::min(regions, std::min<uint64_t>(most, kRegionsPerReclaimStep));
  auto gone = ReclaimInode(change, number, *inode);
  if (gone && *gone) return true;
  auto stored = StoreInode(change, number, *inode);
  if (!gone) return std::move(gone).error();
  if (!stored) return std::move(stored).error();
  return false;
}

}  // namespace

Result<void> OrphanReclaimer::Start() {
  std::lock_guard lock(mutex_);
  running_ = true;
  in_hand_ = 1;  // the search for what a crash left
  thread_ = std::thread([this] { Run(); });
  return {};
}

void OrphanReclaimer::Stop() {
  {
    std::lock_guard lock(mutex_);
    if (!running_) return;
    running_ = false;
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void OrphanReclaimer::Enqueue(InodeNumber inode) {
  std::lock_guard lock(mutex_);
  if (!running_) return;
  queue_.push_back(inode);
  if (queue_.size() == 1 || queue_.size() == kBatch) work_.notify_one();
}

void OrphanReclaimer::Drain() {
  std::unique_lock lock(mutex_);
  ++drains_;
  work_.notify_one();
  done_.wait(lock, [&] { return !running_ || idle() || stuck_; });
  --drains_;
}

void OrphanReclaimer::Run() {
  EnqueueWhatACrashLeft();
  std::unique_lock lock(mutex_);
  in_hand_ = 0;
  while (!stopping_) {
    if (queue_.empty()) {
      done_.notify_all();
      work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    }
    work_.wait_for(lock, stuck_ ? kRetry : kGather, [&] {
      return stopping_ || (!stuck_ && (drains_ > 0 || queue_.size() >= kBatch));
    });
    if (stopping_) break;
    const size_t count = std::min(queue_.size(), kBatch);
    const auto end = queue_.begin() + static_cast<ptrdiff_t>(count);
    const Batch batch(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
    in_hand_ = count;
    lock.unlock();
    auto unfinished = Step(batch, false);
    lock.lock();
    stuck_ = !unfinished;
    const Batch& rest = unfinished ? *unfinished : batch;
    queue_.insert(queue_.begin(), rest.begin(), rest.end());
    in_hand_ = 0;
    if (stuck_) done_.notify_all();
  }
  lock.unlock();
  ReclaimTheHeld();
  done_.notify_all();
}

Result<OrphanReclaimer::Batch> OrphanReclaimer::FindOrphans(InodeNumber after, size_t most) {
  Batch found;
  ReadView view(core_);
  auto cursor = view.Seek(OrphanKey(InodeNumber(after.value + 1)));
  if (!cursor) return std::move(cursor).error();
  while (found.size() < most && cursor->IsAt(InodeNumber(0), ItemKind::kOrphan)) {
    found.push_back(InodeNumber(cursor->key().offset));
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return found;
}

void OrphanReclaimer::EnqueueWhatACrashLeft() {
  InodeNumber last;
  for (;;) {
    auto found = FindOrphans(last, kScan);
    if (!found || found->empty()) return;
    last = found->back();
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.insert(queue_.end(), found->begin(), found->end());
  }
}

void OrphanReclaimer::ReclaimTheHeld() {
  const auto deadline = std::chrono::steady_clock::now() + kMostAtUnmount;
  InodeNumber last;
  for (;;) {
    auto batch = FindOrphans(last, kBatch);
    if (!batch || batch->empty()) return;
    last = batch->back();
    while (!batch->empty()) {
      if (std::chrono::steady_clock::now() > deadline) return;
      batch = Step(*batch, true);
      if (!batch) return;
    }
  }
}

OrphanReclaimer::Sorted OrphanReclaimer::Sort(const Batch& batch) {
  Sorted sorted;
  for (const InodeNumber number : batch) {
    ReadView view(core_);  // one each: what is cold takes a while
    auto item = view.Find(OrphanKey(number));
    if (!item) continue;  // done meanwhile, or damaged: the next mount tries again
    (item->value.empty() ? sorted.unlinked : sorted.truncated).push_back(number);
    if (item->value.empty()) (void)WarmReclaim(view.tree(), number);
  }
  return sorted;
}

OrphanReclaimer::Batch OrphanReclaimer::ContinueTruncations(const Batch& batch) {
  Batch unfinished;
  for (const InodeNumber number : batch) {
    auto lock = core_.inode_locks.Exclusive(number);
    auto finished = ContinueTruncation(core_, number);
    // Those that fail keep their ORPHAN items for the next mount.
    if (finished && !*finished) unfinished.push_back(number);
  }
  return unfinished;
}

Result<OrphanReclaimer::Batch> OrphanReclaimer::Step(const Batch& batch, bool held_too) {
  const auto [unlinked, truncated] = Sort(batch);
  Batch unfinished = ContinueTruncations(truncated);
  if (unlinked.empty()) return unfinished;
  auto change = Change::Begin(core_, SpaceNeed::kShrink);
  if (!change) return std::move(change).error();
  uint64_t regions = kRegionsPerStep;
  for (const InodeNumber number : unlinked) {
    if (regions == 0) {
      unfinished.push_back(number);
      continue;
    }
    auto done = ReclaimOne(core_, *change, number, held_too, regions);
    if (done && !*done) unfinished.push_back(number);
  }
  return unfinished;
}

}  // namespace chainfs::fs

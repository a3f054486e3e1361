// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/core.h"

#include <algorithm>
#include <array>

#include "crypto/base/byte_order.h"
#include "crypto/random.h"

namespace chainfs::fs {
namespace {

constexpr size_t kPoolSlack = 8 << 20;  // for blocks of writes that wait for their change

// Not 0, which some take for "unknown".
uint32_t DrawGeneration() {
  std::array<uint8_t, 4> bytes;
  crypto::FillRandom(bytes);
  return std::max<uint32_t>(GetBE<uint32_t>(bytes.data()), 1);
}

}  // namespace

Core::Core(std::unique_ptr<store::Store> store_in, crypto::ObjectSealer sealer_in,
           crypto::NameHasher hasher_in, const VolumeOptions& options_in)
    : options(options_in),
      store(std::move(store_in)),
      sealer(std::move(sealer_in)),
      hasher(std::move(hasher_in)),
      inode_generation(DrawGeneration()),
      blocks(2 * options.dirty_limit_bytes + kPoolSlack),
      nodes(*store, sealer, options.cache_bytes),
      tree(nodes) {}

std::shared_ptr<const PendingObject> ReadView::FindPending(ObjectId id) const {
  if (core_.open && core_.open->IsOpen(id)) return core_.open->FindShared(id);
  return core_.frozen ? core_.frozen->Find(id) : nullptr;
}

Result<Change> Change::Begin(Core& core, SpaceNeed need, size_t growth_bytes, bool promised) {
  if (!core.engine) return ErrorCode::kReadOnly;
  const bool grows = need == SpaceNeed::kGrow;
  for (bool exact = false;; exact = true) {
    auto admitted =
        grows ? core.engine->AdmitGrowth(growth_bytes, promised) : core.engine->AdmitShrink();
    if (!admitted) return std::move(admitted).error();
    std::unique_lock lock(core.tree_mutex);
    // Under the lock: two operations cannot both take the last of the room.
    if (!grows || core.limit.HasRoomFor(growth_bytes, promised)) {
      return Change(core, std::move(lock));
    }
    if (exact || core.engine->dirty_bytes() == 0) return ErrorCode::kNoSpace;
    lock.unlock();
    // What is not sealed yet is counted too high.
    if (auto synced = core.engine->Sync(); !synced) return std::move(synced).error();
  }
}

Change::~Change() {
  if (lock_.owns_lock() && core_->engine) {
    if (std::uncaught_exceptions() > exceptions_) core_->engine->AbandonOpenSet();
    const uint64_t promised = core_->tree.counters().reserved_bytes;
    core_->limit.NoteOpen(core_->open->growth_bytes(), promised);
    core_->engine->NoteDirty(core_->open->dirty_bytes(), promised);
  }
}

void Change::RetireObject(const Pointer& pointer) {
  if (pointer.id == ObjectId()) return;  // a lost piece: its object died when it was given up
  if (core_->open->IsOpen(pointer.id)) {
    core_->open->DropObject(pointer.id);
  } else {
    core_->open->AddDeath(pointer);
  }
}

std::shared_ptr<PendingObject> Change::FindOpen(ObjectId id) const {
  return core_->open->FindShared(id);
}

}  // namespace chainfs::fs

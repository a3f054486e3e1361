// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/objects/object_merge.h"

#include <algorithm>

#include "crypto/sha256.h"
#include "fs/check/entry_key.h"
#include "fs/check/objects/later_reaps.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kBatchObjects = 4096;
constexpr uint64_t kBatchBytes = 16 << 20;
constexpr size_t kReadBytes = 256 << 10;  // no object of ours is larger

std::string NameOf(ObjectId object) { return "object " + std::to_string(object.value); }

template <class Key>
Bytes Copy(const Key& key) {
  return Bytes(key.begin(), key.end());
}

}  // namespace

ObjectMerge::ObjectMerge(Snapshot& snapshot, const History& history, const ListsStream& lists,
                         BatchRunner& runner, Pace* pace, Report& integrity, Report& completeness)
    : snapshot_(snapshot),
      history_(history),
      lists_(lists),
      runner_(runner),
      pace_(pace),
      batch_bytes_(pace != nullptr ? std::min(kBatchBytes, pace->portion_bytes()) : kBatchBytes),
      integrity_(integrity),
      completeness_(completeness) {}

bool ObjectMerge::IsFull() const {
  return filling_.size() >= kBatchObjects || filling_bytes_ >= batch_bytes_;
}

WalkEnd ObjectMerge::Run(Lives& lives) {
  lives.scratch().Clear();
  any_deferred_ = false;
  // The very first slice takes what sorts before any id, too.
  const bool from_the_beginning = lives.slice_begin() == 0;
  Slice slice{lives,
              BirthCursor(lists_, lives.first_record().value_or(lists_.end()), lives.slice_begin(),
                          lives.slice_end()),
              from_the_beginning ? Bytes() : Copy(KeyOfNumber(lives.slice_begin()))};
  if (from_the_beginning) {
    for (const ObjectId id : snapshot_.objects_past_the_end()) ReportExtra(id);
  }
  while (!slice.ended) {
    if (integrity_.IsCancelled()) {
      FinishBatch(lives);
      return WalkEnd::kCancelled;
    }
    if (snapshot_.IsRenewalDue()) {
      FinishBatch(lives);
      slice.births.ForgetViews();
      if (!snapshot_.Renew()) return WalkEnd::kHoldLost;
    }
    Fill(slice);
    FinishBatch(lives);
    std::swap(filling_, running_);
    if (pace_ != nullptr) pace_->Spend(filling_bytes_);
    filling_bytes_ = 0;
    runner_.Start(running_.size(), [this](size_t i) { Compare(running_[i]); });
  }
  FinishBatch(lives);
  if (any_deferred_) ReportWhatIsStillMissing(lives);
  return WalkEnd::kDone;
}

void ObjectMerge::Fill(Slice& slice) {
  slice.ended = true;
  // Nobody was born past the last slice: what lies there is extra, unless it came meanwhile.
  std::optional<uint64_t> end;
  if (!slice.lives.IsLastRound()) end = slice.lives.slice_end();
  const uint64_t end_of_ids = snapshot_.end_of_ids().value;
  if (snapshot_.is_live()) end = std::min(end.value_or(end_of_ids), end_of_ids);
  const auto read = snapshot_.txn().ForEachEntry(
      store::Table::kObjects, slice.next_key, [&](ByteView key, ByteView blob) {
        const auto number = NumberOfKey(key);
        if (!number) {
          completeness_.Damage(FindingKind::kExtraObject,
                               "an entry among the objects that is none");
          return true;
        }
        if (end && *number >= *end) return false;
        if (IsFull()) {
          slice.next_key = Copy(KeyOfNumber(*number));
          slice.ended = false;
          return false;
        }
        Take(slice, ObjectId(*number), blob);
        return true;
      });
  if (!read) {
    completeness_.Damage(FindingKind::kBadPage, read.error().message);
  } else if (slice.ended) {
    PassMissing(slice, UINT64_MAX);
  }
}

void ObjectMerge::Take(Slice& slice, ObjectId id, ByteView blob) {
  PassMissing(slice, id.value);
  const ledger::Birth* birth = slice.births.Peek();
  if (birth != nullptr && birth->id == id) {
    if (slice.lives.IsReaped(id.value)) {
      completeness_.Damage(FindingKind::kExtraObject,
                           NameOf(id) + " is in the store, although it was reaped",
                           {id, slice.births.record()});
    } else {
      filling_.push_back({*birth, slice.births.record(), blob, false, false});
      filling_bytes_ += blob.size();
    }
    slice.births.Next();
  } else if (slice.lives.IsUnknown(id.value)) {
    ++unchecked_;
  } else {
    ReportExtra(id);
  }
}

void ObjectMerge::ReportExtra(ObjectId id) {
  completeness_.Damage(FindingKind::kExtraObject, NameOf(id) + " is in the store, but in no record",
                       {id, {}});
}

// The births up to an id that is there: whoever of them was not reaped is missing.
void ObjectMerge::PassMissing(Slice& slice, uint64_t before) {
  const ledger::Birth* birth = slice.births.Peek();
  for (; birth != nullptr && birth->id.value < before; birth = slice.births.Peek()) {
    if (!slice.lives.IsReaped(birth->id.value)) TakeMissing(slice, birth->id);
    slice.births.Next();
  }
}

void ObjectMerge::TakeMissing(Slice& slice, ObjectId id) {
  if (slice.lives.MayBeReaped(id.value)) {
    undecided_ = true;
  } else if (snapshot_.is_live() && slice.lives.HasDied(id.value)) {
    slice.lives.scratch().Add(id.value);
    any_deferred_ = true;
  } else {
    ReportMissing(id, slice.births.record());
  }
}

void ObjectMerge::ReportMissing(ObjectId id, std::optional<Sequence> born) {
  completeness_.Damage(FindingKind::kMissingObject, NameOf(id) + " is missing", {id, born});
}

// What had died before the hold was taken may have been reaped since.
void ObjectMerge::ReportWhatIsStillMissing(Lives& lives) {
  const bool known = ForEachLaterReap(snapshot_, history_, [&](ObjectId id) {
    if (lives.InWindow(id.value)) lives.scratch().Remove(id.value);
  });
  undecided_ = undecided_ || !known;
  if (!known) return;
  lives.scratch().ForEach([&](uint64_t id) { ReportMissing(ObjectId(id), {}); });
}

// By read calls: of a disk that fails a daemon that checks its own vault must not die.
void ObjectMerge::Compare(Item& item) const {
  item.is_read = true;
  if (item.blob.size() != item.birth.sealed_bytes) return;
  thread_local Bytes buffer(kReadBytes);
  crypto::Sha256Hasher hasher;
  for (ByteView rest = item.blob; !rest.empty();) {
    const MutableByteView part(buffer.data(), std::min(rest.size(), buffer.size()));
    item.is_read = snapshot_.txn().ReadValue(rest.first(part.size()), part).has_value();
    if (!item.is_read) return;
    hasher.Update(part);
    rest = rest.subspan(part.size());
  }
  item.same = hasher.Finish() == item.birth.digest;
}

void ObjectMerge::FinishBatch(const Lives& lives) {
  runner_.Finish();
  for (const Item& item : running_) {
    ++objects_;
    bytes_ += item.blob.size();
    if (item.same) continue;
    std::string how = " does not have the digest of what was stored";
    if (item.blob.size() != item.birth.sealed_bytes) {
      how = " has " + std::to_string(item.blob.size()) + " bytes, not " +
            std::to_string(item.birth.sealed_bytes);
    } else if (!item.is_read) {
      how = " cannot be read: the disk fails";
    }
    integrity_.Damage(FindingKind::kDigestMismatch, NameOf(item.birth.id) + how,
                      {item.birth.id, item.record});
  }
  if (!running_.empty()) integrity_.SayProgress(bytes_, lives.bytes_in_store(), false);
  running_.clear();
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// Compares the objects in the store with their births, in the order of their ids; docs of the whole
// are in fs/check/contents.h. One thread at a time, which has others digest the objects.
#pragma once

#include <vector>

#include "fs/check/ledger/history.h"
#include "fs/check/objects/birth_cursor.h"
#include "fs/check/objects/lives.h"
#include "fs/check/pace.h"

namespace chainfs::fs::check {

class ObjectMerge {
 public:
  ObjectMerge(Snapshot& snapshot, const History& history, const ListsStream& lists,
              BatchRunner& runner, Pace* pace, Report& integrity, Report& completeness);

  // The slice of a round that has ended; the slices in their order.
  WalkEnd Run(Lives& lives);

  // So far:
  uint64_t objects() const { return objects_; }      // with a birth that is known
  uint64_t bytes() const { return bytes_; }          // sealed, of these
  uint64_t unchecked() const { return unchecked_; }  // whose births are lost
  // Of objects that are not there it could not be told whether they were reaped meanwhile.
  bool is_undecided() const { return undecided_; }

 private:
  struct Item {
    ledger::Birth birth;
    Sequence record;
    ByteView blob;
    bool is_read = false, same = false;
  };
  // One slice.
  struct Slice {
    Lives& lives;
    BirthCursor births;
    Bytes next_key;  // of the store; empty: from the beginning
    bool ended = false;
  };

  void Fill(Slice& slice);
  void Take(Slice& slice, ObjectId id, ByteView blob);
  void FinishBatch(const Lives& lives);
  void PassMissing(Slice& slice, uint64_t before);
  void TakeMissing(Slice& slice, ObjectId id);
  void ReportMissing(ObjectId id, std::optional<Sequence> born);
  void ReportExtra(ObjectId id);
  void ReportWhatIsStillMissing(Lives& lives);
  bool IsFull() const;
  void Compare(Item& item) const;

  Snapshot& snapshot_;
  const History& history_;
  const ListsStream& lists_;
  BatchRunner& runner_;
  Pace* const pace_;  // null: no limit
  const uint64_t batch_bytes_;
  Report& integrity_;
  Report& completeness_;

  std::vector<Item> filling_, running_;
  uint64_t filling_bytes_ = 0;
  bool any_deferred_ = false;
  uint64_t objects_ = 0, bytes_ = 0, unchecked_ = 0;
  bool undecided_ = false;
};

}  // namespace chainfs::fs::check

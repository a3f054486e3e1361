// SPDX-License-Identifier: GPL-3.0-or-later
// The lists of all records, in order, as far as they are what the records commit to.
//
// They are read several times (fs/check/contents.h). The first time each is verified, by several
// threads, and what is wrong is reported; after that it is known which can be used.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "fs/check/ledger/history.h"
#include "fs/check/objects/batch_runner.h"
#include "fs/check/pace.h"
#include "fs/check/report.h"
#include "fs/check/snapshot.h"
#include "ledger/commit_lists.h"

namespace chainfs::fs::check {

// What of one record's lists must not be used, since it is missing, malformed or another's.
struct LostLists {
  bool births = false, deaths = false, reaps = false;
  bool any() const { return births || deaths || reaps; }
};

struct RecordLists {
  Sequence sequence;
  std::optional<ledger::Record> record;  // genuine; nullopt: damaged, and the lists unproven
  ledger::ListRows rows;                 // of a lost list: none; all others decode
  LostLists lost;
};

// Why a walk ended.
enum class WalkEnd { kDone, kCancelled, kHoldLost };
const char* ReasonOf(WalkEnd end);

// One thread at a time.
class ListsStream {
 public:
  // `first`: the record to begin with; `first_id`: what it and later ones bear is not below.
  ListsStream(Snapshot& snapshot, const History& history, Sequence first, ObjectId first_id,
              BatchRunner& runner, Pace* pace, Report& report);

  // Renews the snapshot's transaction when that is due: views end with the visit.
  WalkEnd ForEach(const std::function<void(const RecordLists&)>& visit);

  // After the first walk: of the record, its rows of births; nothing if they are lost.
  ByteView FindBirths(Sequence sequence) const;
  // How many records' lists could not be proven, since the record is damaged.
  uint64_t unproven() const { return unproven_; }
  bool any_lost() const { return any_lost_; }

  Sequence first() const { return first_; }
  Sequence end() const { return Sequence(history_.records); }

 private:
  struct Job {
    RecordLists lists;
    bool is_there = false, malformed = false;
    uint64_t birth_bytes = 0, death_bytes = 0;  // sealed sizes, added up
  };
  void Collect(Sequence from);
  void AddJob(Sequence sequence, std::optional<ByteView> encoded);
  static void Verify(Job& job);
  // What takes the order of the records.
  void CheckInOrder(Job& job);
  void ReportLost(const Job& job);
  bool IsAltered(Sequence sequence) const;

  Snapshot& snapshot_;
  const History& history_;
  const Sequence first_;
  BatchRunner& runner_;
  Pace* const pace_;  // null: no limit
  Report& report_;

  std::vector<Job> jobs_;  // the batch
  uint64_t job_bytes_ = 0;
  bool first_walk_ = true;
  std::unordered_map<uint64_t, LostLists> lost_;
  bool too_many_lost_ = false;  // to be remembered: verify again each time
  bool any_lost_ = false;
  uint64_t unproven_ = 0;
  std::optional<ledger::Record> before_;  // if genuine and its lists whole
  ObjectId next_birth_;                   // births are not below it
};

}  // namespace chainfs::fs::check

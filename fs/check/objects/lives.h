// SPDX-License-Identifier: GPL-3.0-or-later
// What became of the objects, as the lists tell it: who was born, who has died, who was reaped.
// Of a window of ids at a time, so that memory is bounded; each round takes all lists anew.
//
//   round 1   |-- window --|
//   round 2                 |--- slice ---------------|
//                            nobody was     |-- window --|
//                            born here
//
// One thread at a time.
#pragma once

#include <optional>

#include "fs/check/objects/id_ranges.h"
#include "fs/check/objects/lists_stream.h"
#include "fs/check/report.h"

namespace chainfs::fs::check {

class Lives {
 public:
  // Ids below `first_id` are not looked at. `window_ids`: how many in a round; 3 bits for each.
  // What births and deaths have against each other goes to `lists`, what reaps have to `reaps`.
  Lives(ObjectId first_id, uint64_t window_ids, Report& lists, Report& reaps);

  // The window goes to where the round before found that births go on.
  // REQUIRES: !IsLastRound() if a round has ended.
  void BeginRound();
  // The lists of the next record.
  void Take(const RecordLists& lists);
  void EndRound();

  // Of the round. Ids in [slice_begin, slice_end) are judged by it; those in the bitmaps' window
  // are the last of them.
  uint64_t slice_begin() const { return slice_begin_; }
  uint64_t slice_end() const { return window_ + window_ids_; }
  bool InWindow(uint64_t id) const { return id >= window_ && id - window_ < window_ids_; }
  bool HasDied(uint64_t id) const { return InWindow(id) && dead_.Has(id); }
  bool IsReaped(uint64_t id) const { return InWindow(id) && reaped_.Has(id); }
  // Where the last slice ends; nobody was born there or later.
  bool IsLastRound() const { return !next_window_; }
  // Whether its birth may be in lists that are lost, so that it can be neither checked nor called
  // extra.
  bool IsUnknown(uint64_t id) const { return unknown_.Has(id); }
  // Whether it may have been reaped by lists that are lost.
  bool MayBeReaped(uint64_t id) const { return lost_reaps_ && HasDied(id); }
  // The record that bore the first object of the window; nullopt: nobody was born there.
  std::optional<Sequence> first_record() const { return first_record_; }
  // To the round's end: a set over the window, for who comes after.
  IdBitmap& scratch() { return born_; }

  // Of all records. What is in the store if it is complete, in sealed bytes.
  uint64_t bytes_in_store() const { return births_bytes_ - std::min(births_bytes_, reaps_bytes_); }

 private:
  void TakeBirths(const RecordLists& lists);
  void TakeDeaths(const RecordLists& lists);
  void TakeReaps(const RecordLists& lists);
  void NoteLostBirths(const RecordLists& lists);
  // Whether it is this round's to judge, and was not born so far.
  bool IsUnborn(uint64_t id) const;

  const uint64_t first_id_, window_ids_;
  Report& lists_;
  Report& reaps_;

  IdBitmap born_, dead_, reaped_;
  uint64_t window_ = 0, slice_begin_ = 0;
  std::optional<uint64_t> next_window_;
  std::optional<Sequence> first_record_;
  bool first_round_ = true;
  bool lost_deaths_ = false, lost_reaps_ = false;

  IdRanges unknown_;
  uint64_t last_birth_ = 0;               // of the round so far
  uint64_t next_id_ = 0;                  // of the newest genuine record so far
  std::optional<uint64_t> unknown_from_;  // births are lost, and where they end is not known yet

  uint64_t births_bytes_ = 0, reaps_bytes_ = 0;  // added up in the first round
};

}  // namespace chainfs::fs::check

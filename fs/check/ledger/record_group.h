// SPDX-License-Identifier: GPL-3.0-or-later
// Which of 256 neighbouring records are genuine, and what leaf each has in the tree.
//
// A record's link can be computed from its bytes, and is known twice besides: to the record after
// it, and to the tile of level 0 that covers it. Where these disagree it is decided which of them
// is damaged, so that one flipped bit is one finding, and the tree can be built all the same:
//
//   records        a --- b --- c' -- d          c' was altered: d and the tile know c
//   tile           a     b     c     d
//
// A wrong decision cannot make a forgery pass: a record that is taken for genuine has its own link
// as its leaf, and the root over the leaves is compared with the signed one. Pure.
#pragma once

#include <optional>
#include <vector>

#include "ledger/record.h"
#include "ledger/tile.h"

namespace chainfs::fs::check {

// A record as it was found.
struct StoredRecord {
  bool is_there = false;
  std::optional<ledger::Record> record;  // decoded, and of this sequence; nullopt: damaged
  Digest link{};                         // computed from its bytes
};

// One tile's worth of records, or fewer at the ledger's end.
struct RecordGroup {
  std::vector<StoredRecord> records;
  std::optional<ledger::Record> next;  // the one after them, if it can be read
  ByteView tile;                       // the stored tile of level 0; empty: none
  bool ends_ledger = false;
};

struct JudgedRecord {
  bool genuine = false;
  std::optional<Digest> leaf;  // nullopt: not genuine, and nobody knows what it was
};

// `newest_is_genuine`: what to take the ledger's last record for, whose link no record knows.
std::vector<JudgedRecord> JudgeRecords(const RecordGroup& group, bool newest_is_genuine);

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the meta value that says where the graveyard begins agrees with the lists: what died
// before that place has been reaped, and nothing else; so many bytes lie there; and the value was
// written with the newest record. One thread at a time.
#pragma once

#include "fs/check/ledger/meta_check.h"
#include "fs/check/objects/lists_stream.h"

namespace chainfs::fs::check {

class GraveyardCheck {
 public:
  // nullopt: there is no such value; then there may be no record but genesis.
  explicit GraveyardCheck(std::optional<GraveyardPlace> place) : place_(place) {}
  // The lists of the next record, from the first one on.
  void Take(const RecordLists& lists);
  // REQUIRES: none of the lists was lost.
  void Finish(Report& report) const;

 private:
  const std::optional<GraveyardPlace> place_;
  uint64_t deaths_before_ = 0;  // in the records before the place
  uint64_t deaths_there_ = 0;   // in its record
  uint64_t reaps_ = 0;
  uint64_t bytes_ = 0;  // died and not reaped
  Sequence newest_;
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// INTEGRITY and COMPLETENESS: is what lies in the store what the records say was put there?
//
// Object ids are dense and ascend with the records, and so do the keys of the store. For a window
// of ids (so that memory is bounded) the lists are read from the first record to the last, and
// bitmaps say what was born, what died and what was reaped; then births and objects are merged in
// the order of their ids, and the objects are digested by several threads.
//
//   lists     1: 1 2 4   2: 5 6   3: 8 9          births that are not reaped
//   objects      1 2 4      5 7      8            6 is missing, 7 is extra, 9 is missing
#pragma once

#include <optional>

#include "fs/check/check.h"
#include "fs/check/ledger/history.h"
#include "fs/check/snapshot.h"

namespace chainfs::fs::check {

struct ContentsResult {
  PassResult integrity{Pass::kIntegrity};
  PassResult completeness{Pass::kCompleteness};
};

// `first`: the record from which on lists and objects are checked; what was born before is not.
ContentsResult CheckContents(Snapshot& snapshot, const History& history, Sequence first,
                             const CheckOptions& options, Listener& listener);

}  // namespace chainfs::fs::check

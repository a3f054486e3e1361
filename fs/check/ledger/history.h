// SPDX-License-Identifier: GPL-3.0-or-later
// HISTORY: are the records the ones that the signed head covers?
//
// Streams the records once. Each is held against what its successor and the stored tiles know of
// it, so that one damaged record is one finding, on that record; the tree over all of them, built
// anew, has to have the signed root. What the records say of each other (time, counts, branches),
// of the header and of the meta values has to agree.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "fs/check/check.h"
#include "fs/check/finding.h"
#include "fs/check/snapshot.h"
#include "fs/history/branches.h"
#include "ledger/checkpoint.h"
#include "ledger/record.h"
#include "ledger/tree_edge.h"

namespace chainfs::fs::check {

// What the later passes build on.
struct History {
  PassResult result{Pass::kHistory};
  // The signed head, under `key`; nullopt: there is none that verifies.
  std::optional<ledger::Checkpoint> head;
  crypto::PublicKey key{};
  VolumeId volume_id{};  // of the signed head
  // From the records; proven only if the tree has the signed root.
  bool has_signed_root = false;
  std::vector<Branch> branches;
  uint64_t records = 0;                  // that the vault should have, as far as is known
  std::optional<ledger::Record> newest;  // nullopt: it is damaged
  std::vector<Sequence> altered;         // missing or damaged ones, ascending
  std::map<uint64_t, Digest> roots;      // of the tree at the sizes that were asked for
  ledger::TreeEdge edge;                 // of the whole tree, if it has the signed root
};

// `sizes`: of the tree, at which its root is wanted.
History CheckHistory(Snapshot& snapshot, const store::HeaderCopies& headers,
                     const CheckOptions& options, const std::vector<uint64_t>& sizes,
                     Listener& listener);

}  // namespace chainfs::fs::check

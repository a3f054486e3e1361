// SPDX-License-Identifier: GPL-3.0-or-later
// What two anchors are compared by: the first three lines of their notes, which by the C2SP
// specification tlog-checkpoint are the origin, the tree size and the root hash.
//
// Nothing here is verified: whoever trusts an anchor opens its note with ledger/ first. This is
// for keeping files in order only, so it stays apart from signatures and keys. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chainfs::fs::anchor {

struct CheckpointHead {
  std::string origin;  // names the branch: no two branches have the same
  uint64_t size = 0;   // number of records
  std::string root;    // base64, 44 characters
  bool operator==(const CheckpointHead&) const = default;
};

// nullopt: this is not the beginning of a checkpoint.
std::optional<CheckpointHead> HeadOf(std::string_view note);

}  // namespace chainfs::fs::anchor

// SPDX-License-Identifier: GPL-3.0-or-later
// Puts a scanned tree together again, in the open generation: lost nodes go, the subtrees that were
// below them get new nodes above them, and nodes that have died since (in a tree that the volume
// falls back to) are cloned, since nothing is born twice. Whatever else is sound stays as it is.
#pragma once

#include "fs/repair/tree_scan.h"

namespace chainfs::fs::repair {

// Makes it the tree of `core`. Root counters stay as they were if the root could be read.
// REQUIRES: an exclusive hold of the tree; nothing was changed in it yet.
Result<void> GraftTree(Core& core, const LedgerFacts& facts, const TreeScan& scan);

}  // namespace chainfs::fs::repair

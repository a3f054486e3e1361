// SPDX-License-Identifier: GPL-3.0-or-later
// Which objects a tree refers to. One thread.
#pragma once

#include "fs/core.h"
#include "fs/repair/id_set.h"

namespace chainfs::fs::repair {

// Nodes, pieces and xattr values of the tree that `core` has open, new ones included.
// Errors: kDamaged, kIo: a node that a repair has left does not open.
Result<void> CollectReachable(Core& core, IdSet& reachable);

}  // namespace chainfs::fs::repair

// SPDX-License-Identifier: GPL-3.0-or-later
// Access times, as relatime has them.
#pragma once

#include "fs/core.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

// An access is worth recording if the last one recorded is not newer than the last change, or is
// older than a day. Always false in a volume that keeps no access times.
bool AccessTimeIsDue(const Core& core, const InodeItem& inode);

// Best effort, in a Change of its own: an access time that cannot be recorded at once is no reason
// to fail a read, or to have it wait. REQUIRES: no tree lock is held.
void RecordAccess(Core& core, InodeNumber inode);

}  // namespace chainfs::fs

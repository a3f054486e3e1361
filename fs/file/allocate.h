// SPDX-License-Identifier: GPL-3.0-or-later
// Setting space aside for a range of a file, in bounded steps.
#pragma once

#include "fs/core.h"

namespace chainfs::fs {

// Reserves every block that [offset, end) touches and, unless told to keep it, extends the size.
// kNoSpace: there is not room for all of them; nothing has changed, unless others took the room
// meanwhile. REQUIRES: the exclusive inode lock; no truncation is unfinished.
Result<void> ReserveAndGrow(Core& core, InodeNumber number, uint64_t offset, uint64_t end,
                            bool keep_size);

// The whole blocks of [offset, end) are no longer reserved. REQUIRES: hardly any of them is live;
// the exclusive inode lock.
Result<void> Unreserve(Core& core, InodeNumber number, uint64_t offset, uint64_t end);

// Moves inline data into a block, so that the file can grow beyond what is inline.
// REQUIRES: the exclusive inode lock.
Result<void> LeaveInline(Core& core, InodeNumber number);

}  // namespace chainfs::fs

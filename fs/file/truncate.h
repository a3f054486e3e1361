// SPDX-License-Identifier: GPL-3.0-or-later
// Changing a regular file's size, and making or reserving holes in it. The operations of Volume.
//
// What is long is done in bounded steps, each a Change of its own. A truncation has its whole
// effect on the content with the first one (shrink.h); what is punched or allocated when a crash
// comes in between may be only a part.
#pragma once

#include "fs/core.h"

namespace chainfs::fs {

// kIsDirectory, kInvalid (not a regular file), kFileTooBig.
Result<void> Truncate(Core& core, InodeNumber inode, uint64_t size, bool kill_suid_sgid);
Result<void> PunchHole(Core& core, InodeNumber inode, uint64_t offset, uint64_t length);
Result<void> ZeroRange(Core& core, InodeNumber inode, uint64_t offset, uint64_t length,
                       bool keep_size);
Result<void> Allocate(Core& core, InodeNumber inode, uint64_t offset, uint64_t length,
                      bool keep_size);

}  // namespace chainfs::fs

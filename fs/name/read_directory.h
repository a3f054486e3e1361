// SPDX-License-Identifier: GPL-3.0-or-later
// Listing a directory. The operation of Volume.
#pragma once

#include "fs/core.h"

namespace chainfs::fs {

// Entries come in the order of their creation; a cookie stays valid for ever, whatever is made or
// removed in between, and each entry that is there all the time is seen once.
// The attributes of an entry are missing (null) if its inode is damaged, and those of ".." if the
// parent of a removed directory is gone, too.
// kNotDirectory, kStale. `visit` is called with the tree lock held: it may not call the volume.
Result<void> ReadDirectory(Core& core, InodeNumber directory, uint64_t cookie, bool with_attributes,
                           const Volume::EntryVisitor& visit);

}  // namespace chainfs::fs

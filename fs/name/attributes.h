// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and changing what stat shows. The operations of Volume.
#pragma once

#include "fs/core.h"

namespace chainfs::fs {

// kStale.
Result<Attributes> GetAttributes(Core& core, InodeNumber inode);
// The size first, in Changes of its own, then the rest at once. A change of owner takes the set-id
// bits of what is no directory (unless the mode is given, too) and its capabilities; chmod reaches
// the access ACL. kStale; for the size kIsDirectory, kInvalid, kFileTooBig.
Result<Attributes> SetAttributes(Core& core, InodeNumber inode, const AttributeChange& change);

}  // namespace chainfs::fs

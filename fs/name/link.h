// SPDX-License-Identifier: GPL-3.0-or-later
// Giving inodes more names, and taking names away. The operations of Volume.
//
// Errors of all: kNameTooLong, kInvalid, kNotDirectory, kNotFound.
#pragma once

#include <string_view>

#include "fs/core.h"

namespace chainfs::fs {

class OrphanReclaimer;

// kExists; kNotPermitted: a directory; kTooManyLinks. An inode that never had a name (see
// CreateTemporary) or has none left can be given one for as long as somebody holds it.
Result<Attributes> Link(Core& core, InodeNumber inode, InodeNumber parent, std::string_view name);
// kIsDirectory.
Result<void> Unlink(Core& core, OrphanReclaimer& orphans, InodeNumber parent,
                    std::string_view name);
// kNotEmpty. "." is kInvalid, ".." is kNotEmpty.
Result<void> RemoveDirectory(Core& core, OrphanReclaimer& orphans, InodeNumber parent,
                             std::string_view name);

}  // namespace chainfs::fs

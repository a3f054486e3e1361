// SPDX-License-Identifier: GPL-3.0-or-later
// Finding inodes by name, and letting go of them. The operations of Volume.
#pragma once

#include <string>
#include <string_view>

#include "fs/core.h"

namespace chainfs::fs {

class OrphanReclaimer;

// "." and ".." are the directory itself and its parent, the root's being the root; "." works for
// an inode of any kind, as a file handle from NFS needs it.
// kNotDirectory, kNotFound, kNameTooLong, kInvalid, kStale.
Result<Attributes> Lookup(Core& core, InodeNumber parent, std::string_view name);
// Never waits for the disk.
void Forget(Core& core, OrphanReclaimer& orphans, InodeNumber inode, uint64_t count);
// kInvalid: not a symlink.
Result<std::string> ReadLink(Core& core, InodeNumber inode);

}  // namespace chainfs::fs

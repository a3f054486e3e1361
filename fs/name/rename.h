// SPDX-License-Identifier: GPL-3.0-or-later
// Renaming. The operation of Volume.
#pragma once

#include <string_view>

#include "fs/core.h"

namespace chainfs::fs {

class OrphanReclaimer;

// kNotFound (the source; for an exchange the target, too; or the new directory has been removed),
// kExists (kNoReplace), kInvalid (a directory into itself or below), kNotEmpty, kIsDirectory,
// kNotDirectory, kTooManyLinks, kBusy ("." and ".."), kNameTooLong. Two names of one inode: nothing
// happens. A replaced name keeps its place in the listing.
Result<void> Rename(Core& core, OrphanReclaimer& orphans, InodeNumber parent, std::string_view name,
                    InodeNumber new_parent, std::string_view new_name, RenameMode mode);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Making inodes. The operations of Volume.
//
// Errors of those with a name: kNameTooLong, kInvalid, kExists, kNotDirectory, kNotFound (the
// directory has been removed), kTooManyLinks.
#pragma once

#include <string_view>

#include "fs/core.h"

namespace chainfs::fs {

// A regular file (also if mode has no type), device, FIFO or socket. kNotPermitted: a directory.
Result<Attributes> MakeNode(Core& core, InodeNumber parent, std::string_view name,
                            const NewInode& inode);
Result<Attributes> MakeDirectory(Core& core, InodeNumber parent, std::string_view name,
                                 const NewInode& inode);
// kNotFound: an empty target; kNameTooLong: one of more than 4095 bytes.
Result<Attributes> MakeSymlink(Core& core, InodeNumber parent, std::string_view name,
                               std::string_view target, const NewInode& inode);
// A regular file without a name; Link can give it one.
Result<Attributes> CreateTemporary(Core& core, InodeNumber parent, const NewInode& inode);

// The first inode of a new volume. REQUIRES: an empty tree whose next inode number is 2.
Result<void> MakeRootDirectory(Change& change, uint32_t uid, uint32_t gid);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Writing to a regular file. The operations of Volume.
#pragma once

#include <vector>

#include "fs/core.h"
#include "fs/file/store_blocks.h"

namespace chainfs::fs {

Result<void> Write(Core& core, InodeNumber inode, uint64_t offset, ByteView data,
                   bool kill_suid_sgid);
Result<uint64_t> CopyRange(Core& core, InodeNumber from, uint64_t from_offset, InodeNumber to,
                           uint64_t to_offset, uint64_t length);

// As Write, for who holds the exclusive inode lock already.
Result<void> WriteLocked(Core& core, InodeNumber inode, uint64_t offset, ByteView data,
                         bool kill_suid_sgid);

// What write, truncation and chown do to the set-id bits: suid goes; sgid goes if the group may
// execute (otherwise it means mandatory locking, and stays).
void ClearSetIdBits(InodeItem& inode);

// Stamps a change of content, unless the volume's user does.
void StampModified(const Core& core, InodeItem& inode);

// A block of zeros but for `content`, which starts `at` bytes into it and is its last content.
Block MakeBlock(BlockPool& pool, size_t at, ByteView content);

}  // namespace chainfs::fs

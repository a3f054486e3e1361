// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a regular file, and finding its data and holes. The operations of Volume.
#pragma once

#include "fs/core.h"

namespace chainfs::fs {

// kWouldWait: only if `missing` is not null, which then says what is not in memory.
Result<size_t> Read(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out,
                    store::DiskRange* missing = nullptr);
Result<uint64_t> Seek(Core& core, InodeNumber inode, uint64_t offset, SeekKind kind);

// As Read, for who holds the inode lock already. Leaves the access time alone.
Result<size_t> ReadLocked(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out);

}  // namespace chainfs::fs

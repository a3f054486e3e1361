// SPDX-License-Identifier: GPL-3.0-or-later
// What the owner has settled for a volume: SETTING items, under inode 0. So a setting is sealed,
// and part of what a record's root vouches for, like everything in the tree.
#pragma once

#include <optional>

#include "crypto/base/result.h"
#include "fs/tree/tree.h"

namespace chainfs::fs {

// Whether the item's key and value are those of a setting that there is, with a value it may have.
bool IsSoundSetting(const Key& key, ByteView value);

// The most that the volume may grow to, in bytes; nullopt: no limit. kDamaged: the item is unsound,
// or cannot be read; kIo.
Result<std::optional<uint64_t>> ReadSizeLimit(const Tree& tree);
Key SizeLimitKey();
Bytes EncodeSizeLimit(uint64_t bytes);

}  // namespace chainfs::fs

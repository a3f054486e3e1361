// SPDX-License-Identifier: GPL-3.0-or-later
// Extended attributes in the tree: no rules about names, no inode flags, only the items and the
// objects of large values.
//
// Errors of all: kDamaged, kIo. Threads: those that only read, under either tree lock.
#pragma once

#include <string_view>

#include "fs/core.h"
#include "fs/name/xattr_codec.h"

namespace chainfs::fs {

constexpr size_t kMaxXattrBytes = 64 << 10;

Key XattrKey(const Core& core, InodeNumber inode, std::string_view name);

// kNoAttribute.
Result<Bytes> ReadXattr(const Core& core, InodeNumber inode, std::string_view name);
// How many bytes the value has, without a look at it. kNoAttribute.
Result<size_t> FindXattr(const Core& core, InodeNumber inode, std::string_view name);

// Sets it, whether or not it is there. kNoSpace: too many names with the same hash; nothing has
// changed. REQUIRES: FindXattr was called before anything changed; value.size() <= kMaxXattrBytes.
Result<void> StoreXattr(const Core& core, Change& change, InodeNumber inode, std::string_view name,
                        ByteView value);
// Nothing if it is not there. REQUIRES: as StoreXattr.
Result<void> EraseXattr(const Core& core, Change& change, InodeNumber inode, std::string_view name);
// Removes up to `most` items with all that is in them. True: none is left.
Result<bool> EraseAllXattrs(Change& change, InodeNumber inode, size_t most);

// Visits all of an inode's attributes, in no order that means anything.
template <class F>
Result<void> ForEachXattrOf(const Tree& tree, InodeNumber inode, F&& visit) {
  auto cursor = tree.Seek(Key(inode, ItemKind::kXattr, 0));
  if (!cursor) return std::move(cursor).error();
  while (cursor->IsAt(inode, ItemKind::kXattr)) {
    const bool sound = ForEachXattr(cursor->value(), [&](const XattrEntry& entry) {
      visit(entry);
      return true;
    });
    if (!sound) return ErrorCode::kDamaged;
    if (auto next = cursor->Next(); !next) return next;
  }
  return {};
}

}  // namespace chainfs::fs

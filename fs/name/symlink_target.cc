// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/symlink_target.h"

#include <algorithm>

namespace chainfs::fs {
namespace {

constexpr size_t kMaxHeadBytes = 2048;

Key TailKey(InodeNumber number) { return Key(number, ItemKind::kInode, 1); }

}  // namespace

Result<void> StoreTarget(Change& change, InodeNumber number, InodeItem& inode,
                         std::string_view target) {
  const ByteView all = AsBytes(target);
  const ByteView head = all.first(std::min(all.size(), kMaxHeadBytes));
  inode.size = all.size();
  inode.inline_data.assign(head.begin(), head.end());
  return head.size() < all.size() ? change.Put(TailKey(number), all.subspan(head.size()))
                                  : Result<void>();
}

Result<std::string> LoadTarget(const Tree& tree, InodeNumber number, const InodeItem& inode) {
  std::string target(inode.inline_data.begin(), inode.inline_data.end());
  if (target.size() < inode.size) {
    auto tail = tree.Find(TailKey(number));
    if (!tail && tail.error().code == ErrorCode::kNotFound) return ErrorCode::kDamaged;
    if (!tail) return std::move(tail).error();
    target.append(tail->value.begin(), tail->value.end());
  }
  if (target.size() != inode.size) return ErrorCode::kDamaged;
  return target;
}

Result<void> EraseTargetTail(Change& change, InodeNumber number, const InodeItem& inode) {
  return inode.inline_data.size() < inode.size ? change.Erase(TailKey(number)) : Result<void>();
}

}  // namespace chainfs::fs

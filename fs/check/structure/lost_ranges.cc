// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/lost_ranges.h"

#include <algorithm>

#include "fs/types.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kMostRanges = 65536;

std::string Number(uint64_t n) { return std::to_string(n); }

// Of a range within one inode.
std::string DescribeWithin(const KeyRange& range) {
  const std::string of = " of inode " + Number(range.from.inode);
  const bool at_end = range.to.inode != range.from.inode;
  const ItemKind first = range.from.kind;
  const ItemKind last = at_end ? ItemKind::kReserved : range.to.kind;
  if (last <= ItemKind::kDirIndex && first >= ItemKind::kDentry) return "entries" + of;
  if (first == ItemKind::kXattr && last == ItemKind::kXattr) return "extended attributes" + of;
  if (first == ItemKind::kExtent) {
    const std::string from = " from byte " + Number(range.from.offset * kRegionBytes);
    if (last != ItemKind::kExtent) return "the content" + of + from + " on";
    return "the content" + of + from + " to " + Number(range.to.offset * kRegionBytes);
  }
  return "a part" + of;
}

}  // namespace

KeyRange ItemsOf(InodeNumber inode) {
  const Key from(inode, ItemKind::kInode, 0);
  if (inode.value == UINT64_MAX) return {from, AllKeys().to};
  return {from, Key(InodeNumber(inode.value + 1), ItemKind::kInode, 0)};
}

bool MayHoldInodes(const KeyRange& range) {
  Key next(InodeNumber(range.from.inode), ItemKind::kInode, 0);
  if (next < range.from && ++next.inode == 0) return false;
  return next < range.to;
}

bool MayHoldEntries(const KeyRange& range) {
  Key next(InodeNumber(range.from.inode), ItemKind::kDentry, 0);
  if (range.from.kind <= ItemKind::kDirIndex) {
    next = std::max(next, range.from);
  } else if (++next.inode == 0) {
    return false;
  }
  return next < range.to;
}

std::string Describe(const KeyRange& range) {
  const uint64_t first = range.from.inode;
  if (range.to <= ItemsOf(InodeNumber(first)).to) return DescribeWithin(range);
  if (range.to == AllKeys().to) return "whatever belongs to inodes from " + Number(first) + " on";
  const bool none_of_last = range.to <= Key(InodeNumber(range.to.inode), ItemKind::kInode, 0);
  return "what belongs to inodes " + Number(first) + " to " +
         Number(range.to.inode - (none_of_last ? 1 : 0));
}

void LostRanges::Add(KeyRange range) {
  may_hold_entries_ = may_hold_entries_ || check::MayHoldEntries(range);
  auto at = ranges_.upper_bound(range.from);
  if (at != ranges_.begin()) {
    const auto before = std::prev(at);
    if (before->second > range.from || ranges_.size() >= kMostRanges) at = before;
  }
  while (at != ranges_.end() && at->first < range.to) {
    range = {std::min(range.from, at->first), std::max(range.to, at->second)};
    at = ranges_.erase(at);
  }
  ranges_.emplace(range.from, range.to);
}

bool LostRanges::Covers(const Key& key) const {
  const auto after = ranges_.upper_bound(key);
  return after != ranges_.begin() && std::prev(after)->second > key;
}

std::vector<KeyRange> LostRanges::Within(InodeNumber inode) const {
  const KeyRange items = ItemsOf(inode);
  std::vector<KeyRange> parts;
  auto at = ranges_.upper_bound(items.from);
  if (at != ranges_.begin() && std::prev(at)->second > items.from) --at;
  for (; at != ranges_.end() && at->first < items.to; ++at) {
    parts.push_back({std::max(at->first, items.from), std::min(at->second, items.to)});
  }
  return parts;
}

}  // namespace chainfs::fs::check

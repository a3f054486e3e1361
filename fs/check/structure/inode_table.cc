// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/inode_table.h"

#include <algorithm>

namespace chainfs::fs::check {
namespace {

constexpr uint64_t kParentMask = (uint64_t{1} << 60) - 1;

}  // namespace

uint32_t NamesOf(InodeNumber number, const InodeItem& inode) {
  if (!inode.is_directory()) return inode.nlink;
  return number != kRootInode && inode.nlink > 0 ? 1 : 0;
}

InodeTable::InodeTable(size_t most) : most_(std::max<size_t>(most, 1)) {}

void InodeTable::BeginWindow(InodeNumber from) {
  from_ = from.value;
  end_.reset();
  offsets_.clear();
  names_left_.clear();
  facts_.clear();
}

bool InodeTable::Add(InodeNumber number, const InodeItem* item) {
  if (offsets_.empty()) first_ = number.value;
  if (offsets_.size() == most_ || number.value - first_ > UINT32_MAX) {
    end_ = number;
    return false;
  }
  if (offsets_.size() == offsets_.capacity()) Grow();
  offsets_.push_back(static_cast<uint32_t>(number.value - first_));
  names_left_.push_back(item != nullptr ? NamesOf(number, *item) : 0);
  const uint64_t type = item != nullptr ? item->mode >> 12 & 0xf : 0;
  const uint64_t parent = item != nullptr ? std::min(item->parent.value, kParentMask) : 0;
  facts_.push_back(type << 60 | parent);
  return true;
}

// To `most_` and not beyond it, as a vector by itself would.
void InodeTable::Grow() {
  const size_t capacity = std::min(most_, std::max<size_t>(2 * offsets_.size(), 64));
  offsets_.reserve(capacity);
  names_left_.reserve(capacity);
  facts_.reserve(capacity);
}

bool InodeTable::Covers(InodeNumber number) const {
  return number.value >= from_ && (!end_ || number < *end_);
}

std::optional<size_t> InodeTable::Find(InodeNumber number) const {
  if (offsets_.empty() || number.value < first_ || number.value - first_ > UINT32_MAX) return {};
  const auto offset = static_cast<uint32_t>(number.value - first_);
  const auto at = std::lower_bound(offsets_.begin(), offsets_.end(), offset);
  if (at == offsets_.end() || *at != offset) return {};
  return static_cast<size_t>(at - offsets_.begin());
}

bool InodeTable::IsParentAt(size_t i, InodeNumber directory) const {
  return directory.value < kParentMask && (facts_[i] & kParentMask) == directory.value;
}

}  // namespace chainfs::fs::check

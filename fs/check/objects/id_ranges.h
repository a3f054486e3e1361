// SPDX-License-Identifier: GPL-3.0-or-later
// Sets of object ids: a bitmap over a window of them, and ranges of whatever length.
// One thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace chainfs::fs::check {

// REQUIRES of every call: the id lies in the window.
class IdBitmap {
 public:
  // All ids of [first, first + count) are out.
  void Open(uint64_t first, uint64_t count) {
    first_ = first;
    words_.assign((count + 63) / 64, 0);
  }
  bool Has(uint64_t id) const { return words_[Place(id)] >> Bit(id) & 1; }
  void Add(uint64_t id) { words_[Place(id)] |= uint64_t{1} << Bit(id); }
  void Remove(uint64_t id) { words_[Place(id)] &= ~(uint64_t{1} << Bit(id)); }
  void Clear() { std::fill(words_.begin(), words_.end(), 0); }
  template <class Visit>
  void ForEach(const Visit& visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(first_ + 64 * i + static_cast<uint64_t>(__builtin_ctzll(word)));
      }
    }
  }

 private:
  size_t Place(uint64_t id) const { return (id - first_) / 64; }
  unsigned Bit(uint64_t id) const { return (id - first_) % 64; }

  uint64_t first_ = 0;
  std::vector<uint64_t> words_;
};

// Ranges that are added in ascending order. Bounded: when there are too many, the last one grows
// over the gap before what is added.
class IdRanges {
 public:
  void Add(uint64_t begin, uint64_t end) {
    if (begin >= end) return;
    if (!ranges_.empty() && (ranges_.back().second >= begin || ranges_.size() == kMost)) {
      ranges_.back().second = std::max(ranges_.back().second, end);
    } else {
      ranges_.emplace_back(begin, end);
    }
  }
  bool Has(uint64_t id) const {
    const auto after =
        std::upper_bound(ranges_.begin(), ranges_.end(), id,
                         [](uint64_t wanted, const auto& range) { return wanted < range.first; });
    return after != ranges_.begin() && id < std::prev(after)->second;
  }
  bool empty() const { return ranges_.empty(); }

 private:
  static constexpr size_t kMost = 1 << 18;
  std::vector<std::pair<uint64_t, uint64_t>> ranges_;
};

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
// The content of a regular file as the model has it: a size, and the blocks that may not be zero.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace chainfs::fs::model {

class ModelData {
 public:
  uint64_t size() const { return size_; }

  std::string Read(uint64_t offset, uint64_t length) const {
    if (offset >= size_) return {};
    std::string out(std::min(length, size_ - offset), '\0');
    for (size_t done = 0; done < out.size();) {
      const uint64_t at = offset + done;
      const size_t part = std::min<size_t>(kBlock - at % kBlock, out.size() - done);
      if (const auto it = blocks_.find(at / kBlock); it != blocks_.end()) {
        std::copy_n(it->second.begin() + at % kBlock, part, out.begin() + done);
      }
      done += part;
    }
    return out;
  }

  void Write(uint64_t offset, std::string_view data) {
    if (data.empty()) return;
    for (size_t done = 0; done < data.size();) {
      const uint64_t at = offset + done;
      const size_t part = std::min<size_t>(kBlock - at % kBlock, data.size() - done);
      auto& block = blocks_.try_emplace(at / kBlock, Block{}).first->second;
      std::copy_n(data.begin() + done, part, block.begin() + at % kBlock);
      done += part;
    }
    size_ = std::max(size_, offset + data.size());
  }

  // The size stays.
  void Zero(uint64_t offset, uint64_t length) {
    const uint64_t end = offset + length;
    auto it = blocks_.lower_bound(offset / kBlock);
    while (it != blocks_.end() && it->first * kBlock < end) {
      const uint64_t begin = it->first * kBlock;
      const size_t from = offset > begin ? offset - begin : 0;
      const size_t to = std::min<uint64_t>(end - begin, kBlock);
      std::fill(it->second.begin() + from, it->second.begin() + to, '\0');
      it = from == 0 && to == kBlock ? blocks_.erase(it) : std::next(it);
    }
  }

  void Resize(uint64_t size) {
    if (size < size_) Zero(size, (size_ - size + 2 * kBlock) / kBlock * kBlock);
    size_ = size;
  }

  // The first offset at or after `offset` that is not zero; size() if there is none.
  uint64_t NextNonZero(uint64_t offset) const {
    for (auto it = blocks_.lower_bound(offset / kBlock); it != blocks_.end(); ++it) {
      const uint64_t begin = it->first * kBlock;
      for (size_t i = offset > begin ? offset - begin : 0; i < kBlock; ++i) {
        if (it->second[i] != '\0') return begin + i;
      }
    }
    return size_;
  }

 private:
  static constexpr uint64_t kBlock = 4096;
  using Block = std::array<char, kBlock>;
  uint64_t size_ = 0;
  std::map<uint64_t, Block> blocks_;
};

}  // namespace chainfs::fs::model

// SPDX-License-Identifier: GPL-3.0-or-later
// A set of object ids: a bit each where ids are dense, nothing where there are none. One thread.
#pragma once

#include <array>
#include <unordered_map>

#include "crypto/base/types.h"

namespace chainfs::fs::repair {

class IdSet {
 public:
  // False: it was there already.
  bool Insert(ObjectId id) {
    uint64_t& word = chunks_[id.value / kChunkBits][id.value % kChunkBits / 64];
    const uint64_t before = word;
    word |= Bit(id);
    return word != before;
  }
  void Erase(ObjectId id) {
    const auto chunk = chunks_.find(id.value / kChunkBits);
    if (chunk != chunks_.end()) chunk->second[id.value % kChunkBits / 64] &= ~Bit(id);
  }
  bool Contains(ObjectId id) const {
    const auto chunk = chunks_.find(id.value / kChunkBits);
    return chunk != chunks_.end() && (chunk->second[id.value % kChunkBits / 64] & Bit(id)) != 0;
  }

 private:
  static constexpr uint64_t kChunkBits = 4096;
  static uint64_t Bit(ObjectId id) { return uint64_t{1} << (id.value % 64); }
  std::unordered_map<uint64_t, std::array<uint64_t, kChunkBits / 64>> chunks_;
};

}  // namespace chainfs::fs::repair

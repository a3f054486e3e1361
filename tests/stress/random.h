// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers that are the same on every machine, so that a seed replays a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace chainfs::stress {

// SplitMix64. Not thread-safe; every thread has its own.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // REQUIRES: limit > 0
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  uint64_t Between(uint64_t first, uint64_t last) { return first + Below(last - first + 1); }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  void Fill(char* bytes, size_t size) {
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
      const uint64_t word = Next();
      std::memcpy(bytes + i, &word, size - i < sizeof word ? size - i : sizeof word);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace chainfs::stress

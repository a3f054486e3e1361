// SPDX-License-Identifier: GPL-3.0-or-later
// Random choices that a seed repeats.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace chainfs::fs::model {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {  // splitmix64
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t end) { return Next() % end; }
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  template <class T>
  T Of(std::initializer_list<T> choices) {
    return choices.begin()[Below(choices.size())];
  }
  std::string Text(size_t bytes) {
    std::string text(bytes, '\0');
    for (size_t i = 0; i < bytes; i += 8) {
      uint64_t word = Next();
      for (size_t j = i; j < bytes && j < i + 8; ++j, word >>= 8) text[j] = static_cast<char>(word);
    }
    return text;
  }

 private:
  uint64_t state_;
};

}  // namespace chainfs::fs::model

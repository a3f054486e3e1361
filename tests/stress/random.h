// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers that are the same on every machine, so that a seed replays a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tests/fs/model/random.h"

namespace chainfs::stress {

// Not thread-safe; every thread has its own.
class Random : public fs::model::Random {
 public:
  using fs::model::Random::Random;

  void Fill(char* bytes, size_t size) {
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
      const uint64_t word = Next();
      std::memcpy(bytes + i, &word, size - i < sizeof word ? size - i : sizeof word);
    }
  }
};

}  // namespace chainfs::stress

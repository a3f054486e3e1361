// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of the random model test. CHAINFS_MODEL_SEED and CHAINFS_MODEL_OPS in the environment
// replace a run's seed and length.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chainfs::fs::model {

struct Run {
  uint64_t seed = 1;
  uint64_t operations = 25'000;
  uint64_t operations_between_remounts = 5'000;
  unsigned threads = 1;  // each below a directory of its own
  size_t crowd = 300;    // inodes that each keeps, about
};

// One volume; at each remount, the whole of it is compared, and its tree is checked.
void RunModel(Run run);

}  // namespace chainfs::fs::model

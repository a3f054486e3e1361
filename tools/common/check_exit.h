// SPDX-License-Identifier: GPL-3.0-or-later
// How a program that has checked a vault ends: chainfs-fsck, and chainfs scrub.
#pragma once

#include <vector>

#include "fs/check/finding.h"

namespace chainfs::tools {

// fsck(8)'s exit code is the sum of these.
enum FsckExit : int {
  kFsckClean = 0,
  kFsckCorrected = 1,
  kFsckUncorrected = 4,
  kFsckOperational = 8,
  kFsckUsage = 16,
  kFsckCancelled = 32,
};

// By the verdicts alone.
int ExitFor(const std::vector<fs::check::PassResult>& results);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/check_exit.h"

#include <algorithm>

namespace chainfs::tools {

using fs::check::PassResult;
using fs::check::Verdict;

int ExitFor(const std::vector<PassResult>& results) {
  const bool failed = std::ranges::any_of(
      results, [](const PassResult& result) { return result.verdict == Verdict::kFailed; });
  return failed ? kFsckUncorrected : kFsckClean;
}

}  // namespace chainfs::tools

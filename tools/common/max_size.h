// SPDX-License-Identifier: GPL-3.0-or-later
// The size that a volume may grow to, as it is given. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/common/exit_code.h"

namespace chainfs::tools {

// The value of --max-size: a size, or "none" (nullopt). kUsage: neither, or one that is too small.
Outcome<std::optional<uint64_t>> ParseMaxSize(const std::string& text);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/max_size.h"

#include "fs/commit/size_limit.h"
#include "tools/common/size_text.h"

namespace chainfs::tools {

Outcome<std::optional<uint64_t>> ParseMaxSize(const std::string& text) {
  if (text == "none") return std::optional<uint64_t>();
  const auto bytes = ParseSize(text);
  if (bytes && *bytes >= fs::kMinSizeLimit) return bytes;
  return Failure{ExitCode::kUsage,
                 "--max-size: '" + text + "' is neither a size of at least 1M nor 'none'"};
}

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/name_rules.h"

namespace chainfs::fs {

Result<void> CheckName(std::string_view name) {
  if (name.size() > kMaxNameBytes) return ErrorCode::kNameTooLong;
  if (name.empty() || name.find('/') != std::string_view::npos ||
      name.find('\0') != std::string_view::npos) {
    return ErrorCode::kInvalid;
  }
  return {};
}

}  // namespace chainfs::fs

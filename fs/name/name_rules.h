// SPDX-License-Identifier: GPL-3.0-or-later
// What a file name may be: 1 to 255 bytes, any but '/' and NUL. Pure; no threads.
#pragma once

#include <string_view>

#include "crypto/base/result.h"
#include "fs/types.h"

namespace chainfs::fs {

inline bool IsDot(std::string_view name) { return name == "."; }
inline bool IsDotDot(std::string_view name) { return name == ".."; }
inline bool IsDotOrDotDot(std::string_view name) { return IsDot(name) || IsDotDot(name); }

// kNameTooLong; kInvalid (empty, '/' or NUL). "." and ".." are names here.
Result<void> CheckName(std::string_view name);

}  // namespace chainfs::fs

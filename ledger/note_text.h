// SPDX-License-Identifier: GPL-3.0-or-later
// Which characters may stand in a note and in the name of a key (C2SP signed-note). Thread-safe.
#pragma once

#include <string_view>

namespace chainfs::ledger {

// Valid UTF-8 (RFC 3629: shortest form, no surrogates), no control characters below U+0020 but
// newline.
[[nodiscard]] bool IsNoteText(std::string_view text);

// Not empty, characters of a note, without newline, plus sign, and what Unicode calls white space.
[[nodiscard]] bool IsKeyName(std::string_view name);

}  // namespace chainfs::ledger

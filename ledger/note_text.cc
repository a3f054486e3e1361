// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/note_text.h"

#include <cstdint>
#include <optional>

namespace chainfs::ledger {
namespace {

// The sequences of RFC 3629: how many bytes follow the first one, and the least number that needs
// as many.
struct Form {
  size_t following;
  uint32_t first_bits;
  uint32_t least;
};

std::optional<Form> FormOf(uint8_t first) {
  if (first < 0x80) return Form{0, first, 0};
  if ((first & 0xe0) == 0xc0) return Form{1, first & 0x1fu, 0x80};
  if ((first & 0xf0) == 0xe0) return Form{2, first & 0x0fu, 0x800};
  if ((first & 0xf8) == 0xf0) return Form{3, first & 0x07u, 0x10000};
  return std::nullopt;
}

// Takes the first character off the text. nullopt: not UTF-8.
std::optional<uint32_t> TakeCharacter(std::string_view& text) {
  std::optional<Form> form = FormOf(static_cast<uint8_t>(text[0]));
  if (!form || text.size() <= form->following) return std::nullopt;
  uint32_t character = form->first_bits;
  for (size_t i = 1; i <= form->following; ++i) {
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    character = character << 6 | (byte & 0x3f);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < form->least || character > 0x10ffff || surrogate) return std::nullopt;
  text.remove_prefix(form->following + 1);
  return character;
}

// The property White_Space of Unicode, without the control characters that no note may have.
bool IsSpace(uint32_t c) {
  return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

}  // namespace

bool IsNoteText(std::string_view text) {
  while (!text.empty()) {
    std::optional<uint32_t> character = TakeCharacter(text);
    if (!character || (*character < 0x20 && *character != '\n')) return false;
  }
  return true;
}

bool IsKeyName(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    std::optional<uint32_t> character = TakeCharacter(name);
    if (!character || *character < 0x20 || *character == '+' || IsSpace(*character)) return false;
  }
  return true;
}

}  // namespace chainfs::ledger

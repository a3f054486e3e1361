// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/anchor/checkpoint_head.h"

#include <array>

#include "fs/anchor/text.h"

namespace chainfs::fs::anchor {
namespace {

constexpr size_t kRootCharacters = 44;  // 32 bytes in base64

}  // namespace

std::optional<CheckpointHead> HeadOf(std::string_view note) {
  std::array<std::string_view, 3> lines;
  for (std::string_view& line : lines) {
    const size_t end = note.find('\n');
    if (end == std::string_view::npos) return {};
    line = note.substr(0, end);
    note.remove_prefix(end + 1);
  }
  const std::optional<uint64_t> size = ParseDecimal(lines[1]);
  if (lines[0].empty() || !size || lines[2].size() != kRootCharacters) return {};
  return CheckpointHead{std::string(lines[0]), *size, std::string(lines[2])};
}

}  // namespace chainfs::fs::anchor

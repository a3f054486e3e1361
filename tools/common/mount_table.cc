// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/mount_table.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include "tools/common/mount_options.h"
#include "tools/common/size_text.h"

namespace chainfs::tools {
namespace {

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// The kernel writes space, tab, newline and backslash as \ooo.
std::string Unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && IsOctal(text[i + 1]) && IsOctal(text[i + 2]) &&
        IsOctal(text[i + 3])) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<MountEntry> ParseLine(const std::string& line) {
  std::istringstream words(line);
  std::string id, parent, device, root, point, options, word;
  words >> id >> parent >> device >> root >> point >> options;
  while (words >> word && word != "-") {  // optional fields
  }
  std::string type, source, super_options;
  words >> type >> source >> super_options;
  size_t colon = device.find(':');
  if (type.empty() || colon == device.npos) return {};
  auto minor = ParseNumber(std::string_view(device).substr(colon + 1), 0xffffffff);
  if (!minor) return {};

  MountEntry entry;
  entry.device_minor = static_cast<unsigned>(*minor);
  entry.mount_point = Unescape(point);
  entry.type = Unescape(type);
  entry.source = Unescape(source);
  entry.options = options + "," + super_options;
  for (const std::string& option : SplitOptions(super_options)) {
    if (!option.starts_with("user_id=")) continue;
    auto uid = ParseNumber(std::string_view(option).substr(8), 0xffffffff);
    if (uid) entry.owner = static_cast<uid_t>(*uid);
  }
  return entry;
}

}  // namespace

std::vector<MountEntry> ParseMountInfo(std::string_view text) {
  std::vector<MountEntry> table;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (auto entry = ParseLine(line)) table.push_back(std::move(*entry));
  }
  return table;
}

std::vector<MountEntry> ReadMountTable() {
  std::ifstream file("/proc/self/mountinfo");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return ParseMountInfo(text);
}

std::optional<MountEntry> FindMount(const std::vector<MountEntry>& table, const std::string& path) {
  // Later lines were mounted later, on top.
  for (auto entry = table.rbegin(); entry != table.rend(); ++entry) {
    if (entry->mount_point == path) return *entry;
  }
  return {};
}

}  // namespace chainfs::tools

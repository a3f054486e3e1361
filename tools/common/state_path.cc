// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/state_path.h"

#include <filesystem>
#include <system_error>

namespace chainfs::tools {
namespace {

constexpr int kMaxLinks = 40;  // as many as the kernel follows

// Unlike CanonicalPath, also through links that lead nowhere yet: what they lead to may come with
// the mount.
std::string FollowLinks(const std::string& path) {
  std::filesystem::path whole = CanonicalPath(path);
  for (int links = 0; links < kMaxLinks; ++links) {
    std::filesystem::path prefix;
    auto part = whole.begin();
    std::error_code error;
    do {
      prefix /= *part++;
    } while (part != whole.end() && !std::filesystem::is_symlink(prefix, error));
    const std::filesystem::path target = std::filesystem::read_symlink(prefix, error);
    if (error) break;
    std::filesystem::path next = prefix.parent_path() / target;
    for (; part != whole.end(); ++part) next /= *part;
    whole = next.lexically_normal();
  }
  return whole;
}

}  // namespace

std::optional<std::string> FindAnchorDirectory(const VaultSearch& search) {
  if (auto chosen = search.environment("CHAINFS_ANCHORS")) return CanonicalPath(*chosen);
  if (search.is_root) return "/var/lib/chainfs/anchors";
  if (auto state = search.environment("XDG_STATE_HOME"); state && state->starts_with('/')) {
    return *state + "/chainfs";
  }
  if (auto home = search.environment("HOME"); home && home->starts_with('/')) {
    return *home + "/.local/state/chainfs";
  }
  return {};
}

std::optional<std::string> WhyNoPlaceForAnchors(const std::string& directory,
                                                const std::string& vault,
                                                const std::string& mount_point) {
  const std::string place = FollowLinks(directory);
  if (IsInside(place, CanonicalPath(vault))) return directory + " is inside the vault";
  if (mount_point.empty()) return {};
  if (IsInside(place, CanonicalPath(mount_point))) return directory + " is on the mount itself";
  return {};
}

}  // namespace chainfs::tools

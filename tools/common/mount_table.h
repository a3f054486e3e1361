// SPDX-License-Identifier: GPL-3.0-or-later
// What is mounted, from /proc/self/mountinfo: answers without touching a filesystem, which a dead
// FUSE mount would not survive.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chainfs::tools {

struct MountEntry {
  unsigned device_minor = 0;  // st_dev's; names the FUSE connection and the control socket
  std::string mount_point;
  std::string type;     // "fuse.chainfs" for ours
  std::string source;   // the vault for ours
  std::string options;  // per mount and per superblock, comma-separated
  uid_t owner = 0;      // FUSE's user_id=; 0 where there is none
  bool IsChainfs() const { return type == "fuse.chainfs"; }
};

// Lines that are no mountinfo are left out.
std::vector<MountEntry> ParseMountInfo(std::string_view text);

std::vector<MountEntry> ReadMountTable();

// The topmost mount exactly at `path` (canonical); nullopt: none.
std::optional<MountEntry> FindMount(const std::vector<MountEntry>& table, const std::string& path);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/fsck/control_hold.h"

#include "tools/common/mount_table.h"

namespace chainfs::tools {

std::unique_ptr<ControlHold> ControlHold::Take(const std::string& vault, std::string* problem) {
  for (const MountEntry& mount : ReadMountTable()) {
    if (!mount.IsChainfs() || mount.source != vault) continue;
    auto client = ControlClient::Connect(mount);
    if (!client) {
      *problem = client.error().message;
      continue;
    }
    auto held = client->Ask("hold-retention", ControlClient::Patience::kForever);
    if (held && held->contains("holding")) {
      problem->clear();
      return std::unique_ptr<ControlHold>(new ControlHold(std::move(*client)));
    }
    // A read-only mount reaps nothing; whoever writes is another one.
    if (!held) *problem = held.error().message;
  }
  return nullptr;
}

bool ControlHold::StillHeld() {
  if (!held_) return false;
  auto answer = client_.Ask("still-held", ControlClient::Patience::kSeconds);
  held_ = answer && answer->value("held", false);
  return held_;
}

}  // namespace chainfs::tools

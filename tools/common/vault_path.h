// SPDX-License-Identifier: GPL-3.0-or-later
// Which vault belongs to a mount point that was named alone.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace chainfs::tools {

// The world that the search looks at; tests bring their own.
struct VaultSearch {
  std::string fstab = "/etc/fstab";
  std::function<std::optional<std::string>(const char* name)> environment;
  bool is_root = false;
  static VaultSearch OfThisProcess();
};

struct VaultChoice {
  std::string vault;
  std::string fstab_options;  // of the entry that named it; empty if it came from elsewhere
};

// First of: the fstab entry of type chainfs for `mount_point`; $CHAINFS_VAULT; the default place,
// $XDG_DATA_HOME/chainfs/NAME (~/.local/share where that is unset), for root
// /var/lib/chainfs/NAME; NAME is the mount point's last part. Whether there is a vault at that
// place is not looked at. nullopt: none of the three applies (no home, or the mount point is /).
std::optional<VaultChoice> FindVault(const std::string& mount_point, const VaultSearch& search);

// `path` absolute, without symbolic links as far as it exists. The last part is not followed into:
// a dead FUSE mount there would block or fail.
std::string CanonicalPath(const std::string& path);

// True if `inner` is `outer` or lies below it. Both canonical.
bool IsInside(const std::string& inner, const std::string& outer);

}  // namespace chainfs::tools

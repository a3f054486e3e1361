// SPDX-License-Identifier: GPL-3.0-or-later
// Where the programs remember anchors (fs/anchor/), and where that would be worth nothing.
#pragma once

#include <optional>
#include <string>

#include "tools/common/vault_path.h"

namespace chainfs::tools {

// $CHAINFS_ANCHORS if it is set. Else /var/lib/chainfs/anchors for root, $XDG_STATE_HOME/chainfs
// for others, ~/.local/state/chainfs where that is unset or relative (the XDG base directory
// specification has such a value ignored). Absolute; whether it exists is not looked at. nullopt:
// there is no home.
std::optional<std::string> FindAnchorDirectory(const VaultSearch& search);

// nullopt if anchors at `directory` lie outside the vault. Else why not, for a warning: inside the
// vault they would be rolled back with it, and on its mount every anchor would be a new commit and
// so a new anchor. REQUIRES: the paths are absolute; nothing is mounted at `mount_point` yet
// (empty: there is none).
std::optional<std::string> WhyNoPlaceForAnchors(const std::string& directory,
                                                const std::string& vault,
                                                const std::string& mount_point);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// What chainfs-fsck knows of a vault from outside it: heads that are remembered, and whose
// signature its ledger bears. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fs/check/check.h"
#include "tools/common/exit_code.h"
#include "tools/fsck/fsck_arguments.h"

namespace chainfs::tools {

struct KnownToFsck {
  std::vector<fs::RememberedHead> heads;
  std::vector<fs::check::TrustedKey> keys;
  std::optional<fs::RememberedHead> since;
};

// What the options name. kAnchorUnusable, kUsage: it cannot be read, or is no such thing.
Outcome<KnownToFsck> FindWhatIsNamed(const FsckArguments& arguments);

// Adds the anchor that this user keeps of the volume, if there is one. One that cannot be used is
// no reason to check nothing: what is returned says why it is not; empty: all is well.
std::string AddWhatIsKept(const std::string& vault, const VolumeId& volume, KnownToFsck* known);

}  // namespace chainfs::tools

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

// What the options name, and the anchor that this user keeps of the volume. `volume`: null where no
// header says which it is. kAnchorUnusable, kUsage: what is named cannot be read, or is no such
// thing; an anchor that is kept and cannot be used is no reason to check nothing: then `warning`
// says so.
Outcome<KnownToFsck> FindWhatIsKnown(const FsckArguments& arguments, const std::string& vault,
                                     const VolumeId* volume, std::string* warning);

}  // namespace chainfs::tools

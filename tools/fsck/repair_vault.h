// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs-fsck --repair: shows what a repair would do, asks, does it. One thread.
#pragma once

#include <string>

#include "crypto/header.h"
#include "tools/common/check_printer.h"
#include "tools/common/exit_code.h"
#include "tools/fsck/fsck_arguments.h"

namespace chainfs::tools {

// True: something has been repaired. False: there was nothing to repair, or the user did not want
// it. A failure has changed nothing (kVaultInUse: it is mounted).
// REQUIRES: `secrets` come from `header`; the vault is not open here.
Outcome<bool> RepairVault(const FsckArguments& arguments, const std::string& vault, ByteView header,
                          const crypto::VolumeSecrets& secrets, CheckPrinter& printer);

}  // namespace chainfs::tools

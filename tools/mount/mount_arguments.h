// SPDX-License-Identifier: GPL-3.0-or-later
// mount.chainfs's command line, in the form in which mount(8) calls its helpers:
//   mount.chainfs [VAULT] MOUNTPOINT [-o options] [-sfnv] [-N namespace] [-t type]
//                 [--anchor file]... [--accept-rollback] [--accept-new-volume]
// Options and operands may stand in any order. Pure.
#pragma once

#include <string>
#include <vector>

#include "tools/common/exit_code.h"

namespace chainfs::tools {

struct MountArguments {
  std::string vault;  // empty: to be found
  std::string mount_point;
  std::vector<std::string> options;  // the texts of each -o, not split
  std::vector<std::string> anchors;  // the files of each --anchor
  bool accept_rollback = false, accept_new_volume = false;
  bool foreground = false;  // -f
  bool sloppy = false;      // -s: unknown options are no error
  bool verbose = false;     // -v
  bool help = false, version = false;
};

extern const char kMountUsage[];

// kUsage: an unknown option, or not one or two operands.
Outcome<MountArguments> ParseMountArguments(const std::vector<std::string>& arguments);

}  // namespace chainfs::tools

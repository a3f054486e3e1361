// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs-fsck's command line, also in the form in which fsck(8) calls its helpers. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/common/check_exit.h"
#include "tools/common/exit_code.h"
#include "tools/common/passphrase.h"

namespace chainfs::tools {

struct FsckArguments {
  std::string vault;
  PassphraseSource passphrase;
  bool no_key = false;
  std::vector<std::string> anchors;  // files; "-" is standard input
  std::string vkey;                  // the string, or a file that holds it
  std::string since;                 // a file with a checkpoint; "-" is standard input
  unsigned threads = 0;              // 0: one a CPU
  bool json = false;
  bool quiet = false;  // no progress
  bool repair = false;
  bool yes = false;        // asks nothing
  bool salvage = false;    // rather than to fall back to an older state
  std::string quarantine;  // empty: beside the vault
};

// nullopt: go on. Else the exit code, once everything has been said.
std::optional<int> ParseFsckArguments(int argc, char** argv, FsckArguments* arguments);

}  // namespace chainfs::tools

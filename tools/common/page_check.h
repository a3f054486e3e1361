// SPDX-License-Identifier: GPL-3.0-or-later
// PAGES: the first pass of chainfs-fsck, before LMDB and any key are let near the vault; and of
// chainfs scrub, beside the daemon that has it open.
#pragma once

#include <string>

#include "fs/check/finding.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

struct PageCheck {
  fs::check::PassResult result{fs::check::Pass::kPages};
  bool safe_to_open = false;
  // False: not all was looked at, as the disk did not give some pages, or somebody wrote meanwhile.
  bool safe_to_write = false;
};

// Walks the pages of the vault's database in a child process. A failure is one to begin at all: a
// child that dies is a finding. REQUIRES: no key in memory, no other thread.
Outcome<PageCheck> CheckPages(const std::string& vault, fs::check::Listener& listener);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// LMDB trusts its file, so a damaged one can bring down who reads it. For the commands that read it
// without a page walk (which would take minutes on a large vault): they end with a message and
// exit code 46 then, not with a signal. Some damage makes LMDB search without end instead: that is
// the user's to break off. chainfs-fsck walks, and the daemon has its own report.
#pragma once

#include <string>

namespace chainfs::tools {

// From now on SIGSEGV, SIGBUS and SIGABRT end the process with "<program>: <vault>: ..." and
// ExitCode::kDamagedVolume. What stdio holds back is lost. State of the process, and of the thread
// that calls: the others have no stack for it if theirs has overflowed.
void ExplainDatabaseCrashes(const std::string& vault);

}  // namespace chainfs::tools

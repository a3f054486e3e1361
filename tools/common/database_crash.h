// SPDX-License-Identifier: GPL-3.0-or-later
// LMDB trusts its file, so a damaged one can bring down who reads it, or have it search without
// end. For the commands that read it without a page walk (which would take minutes on a large
// vault): they end with a message and exit code 46 then, not with a signal, and do not hang.
// chainfs-fsck walks, and the daemon has its own report.
#pragma once

#include <string>

namespace chainfs::tools {

// From now on SIGSEGV, SIGBUS and SIGABRT end the process with "<program>: <vault>: ..." and
// ExitCode::kDamagedVolume. What stdio holds back is lost. State of the process, and of the thread
// that calls: the others have no stack for it if theirs has overflowed.
// The same once the process has computed for 5 s without NoteDatabaseAnswered.
void ExplainDatabaseCrashes(const std::string& vault);

// The database has given something: who reads much of it calls this as it goes.
void NoteDatabaseAnswered();

}  // namespace chainfs::tools

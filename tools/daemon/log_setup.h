// SPDX-License-Identifier: GPL-3.0-or-later
// Where the daemon's log goes. The default spdlog logger is the daemon's; set up once, after the
// fork, before other threads.
#pragma once

#include <string>

#include "tools/common/exit_code.h"

namespace chainfs::tools {

// What `log` means: see SetUpLog. "stderr", "syslog" or a path.
std::string PlaceOfLog(const std::string& log, bool foreground);

// `log` is "stderr", "syslog" or an absolute path of a file (made 0600, appended to); empty means
// stderr in the foreground and syslog otherwise. Fails if the file cannot be opened.
Outcome<void> SetUpLog(const std::string& log, bool foreground, bool debug);

}  // namespace chainfs::tools

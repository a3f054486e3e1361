// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a program and tells how it went.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chainfs::tools {

struct ProgramOptions {
  std::string input;                                             // its standard input
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::optional<uid_t> user;                                     // run as this user and group
};

struct ProgramResult {
  int code = -1;  // exit code; 128 + the signal that ended it
  std::string out, err;
};

// Where the programs keep anchors, unless the environment says otherwise: the test process's own,
// removed at its end.
const std::string& TestAnchors();

// Waits for the program and for the end of its output.
ProgramResult RunProgram(const std::vector<std::string>& arguments,
                         const ProgramOptions& options = {});

// The programs under test.
extern const char* const kMkfsProgram;
extern const char* const kMountProgram;
extern const char* const kChainfsProgram;
extern const char* const kFsckProgram;

}  // namespace chainfs::tools

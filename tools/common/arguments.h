// SPDX-License-Identifier: GPL-3.0-or-later
// Command lines with CLI11, ended the way chainfs programs end.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace chainfs::tools {

std::string VersionText();  // "chainfs 0.1.0"

// Adds -V, parses. Returns the exit code if the program is to end now: 0 after --help and
// --version, kUsage after a mistake, which has been explained on stderr.
std::optional<int> ParseArguments(CLI::App& app, int argc, char** argv);

}  // namespace chainfs::tools

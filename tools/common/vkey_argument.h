// SPDX-License-Identifier: GPL-3.0-or-later
// A ledger's public key as it is given on a command line. One thread.
#pragma once

#include <string>

#include "ledger/verifier_key.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

// The vkey itself, or a file with nothing else in it. kUsage: it is neither.
Outcome<ledger::VerifierKey> ReadVkeyArgument(const std::string& argument);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// Unlocking a vault with what a person types, or what a file or a command says. One thread.
#pragma once

#include <string>

#include "tools/common/header_file.h"
#include "tools/common/passphrase.h"

namespace chainfs::tools {

// A person may mistype, and has three tries; a file or a command will not change its mind. What was
// wrong with a try is reported in the name of `program`. Fails as ReadPassphrase and Unlock do.
Outcome<crypto::VolumeSecrets> AskAndUnlock(const char* program, const std::string& vault,
                                            const PassphraseSource& source, LoadedHeader* header);

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// Where a passphrase comes from: a file, a command, standard input, or the person at the terminal.
#pragma once

#include <string>

#include "crypto/secret.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

// At most one of the two; with neither it is standard input unless that is a terminal, and then
// the terminal.
struct PassphraseSource {
  std::string file;     // its first line
  std::string command;  // the first line that /bin/sh -c prints
  // Something else is read from standard input: what is left is the terminal.
  bool stdin_is_taken = false;
};

// True if ReadPassphrase would ask a person, who may mistype and try again.
bool AsksPerson(const PassphraseSource& source);

// The passphrase, without its newline. kNoPassphrase: the source has none (missing file, failing
// command, empty, no terminal), and the message says which; kInterrupted; kUsage: two sources.
Outcome<crypto::SecretBytes> ReadPassphrase(const PassphraseSource& source,
                                            const std::string& prompt);

// For a passphrase that is to be set: a person is asked twice, until both agree (three tries).
Outcome<crypto::SecretBytes> ReadNewPassphrase(const PassphraseSource& source);

}  // namespace chainfs::tools

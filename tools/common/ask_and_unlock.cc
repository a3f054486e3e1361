// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/ask_and_unlock.h"

namespace chainfs::tools {
namespace {
constexpr int kPassphraseTries = 3;
}

Outcome<crypto::VolumeSecrets> AskAndUnlock(const char* program, const std::string& vault,
                                            const PassphraseSource& source, LoadedHeader* header) {
  int tries = AsksPerson(source) ? kPassphraseTries : 1;
  while (true) {
    auto passphrase = ReadPassphrase(source, "Passphrase for " + vault + ": ");
    if (!passphrase) return passphrase.error();
    auto secrets = Unlock(vault, header, *passphrase);
    if (secrets || secrets.error().code != ExitCode::kWrongPassphrase || --tries == 0) {
      return secrets;
    }
    Report(program, secrets.error());
  }
}

}  // namespace chainfs::tools

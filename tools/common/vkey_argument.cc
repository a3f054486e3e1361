// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/vkey_argument.h"

#include "ledger/text.h"
#include "tools/common/files.h"

namespace chainfs::tools {
namespace {
constexpr size_t kMaxVkeyFileBytes = 4096;
}

Outcome<ledger::VerifierKey> ReadVkeyArgument(const std::string& argument) {
  std::string text = argument;
  if (argument.find('+') == argument.npos) {
    auto content = ReadWholeFile(argument, kMaxVkeyFileBytes);
    if (!content) return content.error();
    text = ledger::TextOf(*content);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  }
  auto key = ledger::DecodeVerifierKey(text);
  if (key) return *std::move(key);
  const bool unsupported = key.error().code == ErrorCode::kUnsupported;
  return Failure{ExitCode::kUsage,
                 argument + (unsupported ? ": the vkey is of another algorithm than Ed25519"
                                         : ": this is no vkey, or there is a typing error in it")};
}

}  // namespace chainfs::tools

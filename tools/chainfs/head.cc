// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <nlohmann/json.hpp>

#include "crypto/base64.h"
#include "tools/chainfs/commands.h"
#include "tools/common/files.h"
#include "tools/common/open_vault.h"

namespace chainfs::tools {
namespace {

nlohmann::json HeadAsJson(const fs::StoredHead& head) {
  return {{"origin", head.checkpoint.origin},
          {"size", head.checkpoint.size},
          {"root", crypto::EncodeBase64(head.checkpoint.root)},
          {"vkey", ledger::EncodeVerifierKey(head.key)},
          {"checkpoint", head.note}};
}

}  // namespace

Outcome<void> ShowHead(const std::string& vault, bool vkey, bool json) {
  auto opened = OpenForReading(vault, Crashes::kExplained);
  if (!opened) return opened.error();
  const fs::StoredHead& head = opened->head;
  if (json) {
    std::printf("%s\n", HeadAsJson(head).dump(2).c_str());
  } else if (vkey) {
    std::printf("%s\n", ledger::EncodeVerifierKey(head.key).c_str());
  } else {
    std::fwrite(head.note.data(), 1, head.note.size(), stdout);
  }
  if (auto printed = FlushOutput(); !printed) return printed;
  if (vkey) {
    std::fprintf(stderr,
                 "chainfs: this key is the vault's own word for whose ledger it is; compare it "
                 "with one kept elsewhere\n");
  }
  return {};
}

}  // namespace chainfs::tools

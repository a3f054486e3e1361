// SPDX-License-Identifier: GPL-3.0-or-later
// mkfs.chainfs: makes a vault.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/secret.h"
#include "tools/common/arguments.h"
#include "tools/common/create_vault.h"
#include "tools/common/header_file.h"
#include "tools/common/max_size.h"
#include "tools/common/passphrase.h"
#include "tools/common/size_text.h"
#include "tools/common/vault_path.h"

namespace chainfs::tools {
namespace {

constexpr char kProgram[] = "mkfs.chainfs";

// Written piece by piece: a JSON library would leave copies of the key in the heap.
// A recovery key and a hex number need no escaping; the path is the library's.
void PrintJson(const std::string& vault, const std::string& volume_id,
               const crypto::SecretBytes& recovery_key) {
  std::string path =
      nlohmann::json(vault).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::printf("{\"vault\":%s,\"volume_id\":\"%s\",\"recovery_key\":\"", path.c_str(),
              volume_id.c_str());
  WriteSecret(recovery_key);
  std::printf("\"}\n");
}

int Main(int argc, char** argv) {
  crypto::ForbidCoreDumps();
  CLI::App app("Make an encrypted chainfs vault.", kProgram);
  std::string vault;
  PassphraseSource source;
  bool json = false;
  std::string max_size = "none";
  app.add_option("VAULT", vault, "The directory to make")->required();
  app.add_option("--passfile", source.file, "Take the passphrase from the first line of this file");
  app.add_option("--passcmd", source.command, "Take it from the first line this command prints");
  app.add_option("--max-size", max_size, "The size that the volume may grow to")
      ->type_name("SIZE|none");
  app.add_flag("--json", json, "Print vault, volume id and recovery key as JSON");
  if (auto ended = ParseArguments(app, argc, argv)) return *ended;

  auto limit = ParseMaxSize(max_size);
  if (!limit) return Report(kProgram, limit.error());
  vault = CanonicalPath(vault);
  if (auto can = CheckVaultCanBeMade(vault); !can) return Report(kProgram, can.error());
  auto passphrase = ReadNewPassphrase(source);
  if (!passphrase) return Report(kProgram, passphrase.error());
  auto recovery_key = CreateVault(vault, *passphrase, *limit);
  if (!recovery_key) return Report(kProgram, recovery_key.error());
  auto header = LoadHeader(vault);
  if (!header) return Report(kProgram, header.error());

  if (json) {
    PrintJson(vault, VolumeIdText(header->info.volume_id), *recovery_key);
  } else {
    PrintRecoveryKey(vault, *recovery_key);
    std::printf("Mount it with:  mount.chainfs %s MOUNTPOINT\n", vault.c_str());
  }
  return 0;
}

}  // namespace
}  // namespace chainfs::tools

int main(int argc, char** argv) {
  return chainfs::tools::RunMain("mkfs.chainfs", chainfs::tools::Main, argc, argv);
}

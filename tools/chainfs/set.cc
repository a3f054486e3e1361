// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>
#include <nlohmann/json.hpp>

#include "fs/commit/chain_head.h"
#include "fs/store/vault_directory.h"
#include "fs/volume.h"
#include "tools/chainfs/commands.h"
#include "tools/common/ask_and_unlock.h"
#include "tools/common/control_client.h"
#include "tools/common/header_file.h"
#include "tools/common/known_heads.h"
#include "tools/common/max_size.h"
#include "tools/common/mount_table.h"
#include "tools/common/vault_path.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

constexpr char kProgram[] = "chainfs";

// Of a mounted volume it is the daemon that has it open.
Outcome<void> SetMounted(const MountEntry& mount, std::optional<uint64_t> max_size) {
  auto daemon = ControlClient::Connect(mount);
  if (!daemon) return daemon.error();
  json request = {{"command", "set-max-size"}, {"bytes", nullptr}};
  if (max_size) request["bytes"] = *max_size;
  const auto answer = daemon->AskWith(request, ControlClient::Patience::kForever);
  if (!answer) {
    return Failure{answer.error().code, mount.mount_point + ": " + answer.error().message};
  }
  return {};
}

// With the same care as a mount: an older copy of the vault must not get a newer record.
Outcome<std::unique_ptr<fs::Volume>> OpenVolume(const std::string& vault,
                                                const PassphraseSource& source) {
  auto header = LoadHeader(vault);
  if (!header) return header.error();
  {
    auto lock = fs::store::VaultLock::Acquire(vault);
    if (!lock) return VaultFailure(lock.error(), vault);
  }
  (void)ChooseHeaderOfDatabase(vault, &*header);
  const AnchorPlace place = FindAnchorPlace(vault, "");
  auto same = CheckVolumeAtPath(place, vault, header->info.volume_id, false);
  if (!same) return same.error();
  auto secrets = AskAndUnlock(kProgram, vault, source, &*header);
  if (!secrets) return secrets.error();
  auto identity = fs::IdentityOf(header->bytes, *secrets);
  if (!identity) return VaultFailure(identity.error(), vault);
  auto known = FindKnownHeads(place, {}, *identity, false);
  if (!known) return known.error();
  fs::VolumeOptions options;
  options.remembered = std::move(known->heads);
  auto volume = fs::Volume::Open(vault, header->bytes, std::move(*secrets), std::move(options));
  if (!volume) return VaultFailure(volume.error(), vault);
  return std::move(*volume);
}

Outcome<void> SetUnmounted(const std::string& vault, const PassphraseSource& source,
                           std::optional<uint64_t> max_size) {
  auto volume = OpenVolume(vault, source);
  if (!volume) return volume.error();
  auto set = (*volume)->SetSizeLimit(max_size);
  const auto closed = (*volume)->Close();
  if (set && !closed) set = closed.error();
  if (!set) return VaultFailure(set.error(), vault);
  return {};
}

}  // namespace

Outcome<void> SetVolume(const std::string& target, const SetOptions& options) {
  auto max_size = ParseMaxSize(options.max_size);
  if (!max_size) return max_size.error();
  const std::string path = CanonicalPath(target);
  for (const MountEntry& mount : ReadMountTable()) {
    if (!mount.IsChainfs()) continue;
    // Beside a read-only mount of a vault somebody else may write to it.
    const bool writes = mount.options.find("ro,") != 0;
    if (mount.mount_point == path || (mount.source == path && writes)) {
      return SetMounted(mount, *max_size);
    }
  }
  return SetUnmounted(path, options.passphrase, *max_size);
}

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// mount.chainfs: mounts a vault and serves it. Everything that can go wrong before the daemon
// starts is found and told here, in the order in which a user would want to mend it.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "fs/store/vault_directory.h"
#include "tools/common/arguments.h"
#include "tools/common/ask_and_unlock.h"
#include "tools/common/create_vault.h"
#include "tools/common/mount_notes.h"
#include "tools/common/mount_table.h"
#include "tools/common/terminal.h"
#include "tools/common/vault_path.h"
#include "tools/daemon/guard.h"
#include "tools/mount/mount_arguments.h"
#include "tools/mount/preflight.h"
#include "tools/mount/serve_volume.h"

namespace chainfs::tools {
namespace {

constexpr char kProgram[] = "mount.chainfs";
constexpr auto kPatienceWithAnOldDaemon = std::chrono::seconds(10);

// The request that the command line and, for a vault it names, fstab make together.
Outcome<ServeRequest> MakeRequest(const MountArguments& arguments) {
  ServeRequest request;
  request.mount_point = CanonicalPath(arguments.mount_point);
  request.foreground = arguments.foreground;
  request.say_transport =
      !arguments.foreground && (arguments.verbose || isatty(STDERR_FILENO) == 1);
  request.vault = arguments.vault;
  if (request.vault.empty()) {
    auto choice = FindVault(request.mount_point, VaultSearch::OfThisProcess());
    if (!choice) {
      return Failure{ExitCode::kVaultMissing,
                     "no vault is named, and there is no default for " + request.mount_point};
    }
    request.vault = choice->vault;
    // fstab may hold what only mount(8) understands; what is typed here must be right.
    auto applied = ApplyMountOptions(choice->fstab_options, true, &request.options);
    if (!applied) return applied.error();
  }
  request.vault = CanonicalPath(request.vault);
  for (const std::string& options : arguments.options) {
    auto applied = ApplyMountOptions(options, arguments.sloppy, &request.options);
    if (!applied) return applied.error();
  }
  MountOptions& options = request.options;
  options.anchors.insert(options.anchors.end(), arguments.anchors.begin(), arguments.anchors.end());
  options.accept_rollback |= arguments.accept_rollback;
  options.accept_new_volume |= arguments.accept_new_volume;
  options.passphrase.stdin_is_taken =
      std::find(options.anchors.begin(), options.anchors.end(), "-") != options.anchors.end();
  std::string& log = options.log;
  if (!log.empty() && log != "stderr" && log != "syslog") log = CanonicalPath(log);
  return request;
}

// Where there is no vault yet and somebody to ask: offers to make it.
// False: there is a vault, or at least something, or nobody wants one.
Outcome<bool> OfferNewVault(const ServeRequest& request) {
  std::error_code ignored;
  if (std::filesystem::exists(request.vault, ignored)) return false;
  if (request.options.read_only || !AsksPerson(request.options.passphrase)) return false;
  auto terminal = Terminal::Open();
  if (!terminal || !terminal->Confirm("There is no vault at " + request.vault + ". Make it?")) {
    return false;
  }
  if (auto can = CheckVaultCanBeMade(request.vault); !can) return can.error();
  auto passphrase = ReadNewPassphrase(request.options.passphrase);
  if (!passphrase) return passphrase.error();
  auto recovery_key = CreateVault(request.vault, *passphrase);
  if (!recovery_key) return recovery_key.error();
  PrintRecoveryKey(request.vault, *recovery_key);
  return true;
}

bool IsMountedSomewhere(const std::string& vault) {
  for (const MountEntry& mount : ReadMountTable()) {
    if (mount.IsChainfs() && mount.source == vault) return true;
  }
  return false;
}

// Before a passphrase is asked for in vain. (The daemon takes the lock itself when it opens.) After
// a plain umount the old daemon still has its last commit to make: that is waited for.
Outcome<void> CheckNotInUse(const ServeRequest& request) {
  if (request.options.read_only) return {};
  const auto until = std::chrono::steady_clock::now() + kPatienceWithAnOldDaemon;
  while (true) {
    auto lock = fs::store::VaultLock::Acquire(request.vault);
    if (lock || lock.error().code != ErrorCode::kInUse) return {};
    if (IsMountedSomewhere(request.vault) || std::chrono::steady_clock::now() > until) {
      return VaultFailure(lock.error(), request.vault);
    }
    // flock(2) tells of its release only to those who would block in it for as long as it takes.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// What the vault is to be compared with, and whether there is anything.
Outcome<void> FindWhatIsRemembered(std::vector<fs::RememberedHead> given,
                                   const LoadedHeader& header, const crypto::VolumeSecrets& secrets,
                                   ServeRequest* request) {
  const MountOptions& options = request->options;
  auto identity = fs::IdentityOf(header.bytes, secrets);
  if (!identity) return VaultFailure(identity.error(), request->vault);
  auto same = CheckVolumeAtPath(request->anchor_place, request->vault, identity->volume_id,
                                options.accept_new_volume);
  if (!same) return same;
  auto known =
      FindKnownHeads(request->anchor_place, std::move(given), *identity, options.accept_rollback);
  if (!known) return known.error();
  request->known = std::move(*known);
  if (!request->anchor_place.directory) {
    std::fprintf(stderr, "%s: warning: no anchor is kept of this vault: %s\n", kProgram,
                 request->anchor_place.why_none.c_str());
  } else if (request->known.heads.empty()) {
    std::fprintf(stderr,
                 "%s: no anchor of this vault is known here yet: whether this is its newest state "
                 "cannot be told\n",
                 kProgram);
  }
  return {};
}

Outcome<void> Preflight(const ServeRequest& request) {
  if (auto point = CheckMountPoint(request.mount_point, request.vault, request.options.nonempty);
      !point) {
    return point;
  }
  return CheckFuse();
}

int Main(int argc, char** argv) {
  crypto::ForbidCoreDumps();
  auto arguments = ParseMountArguments({argv + 1, argv + argc});
  if (!arguments) return Report(kProgram, arguments.error());
  if (arguments->help || arguments->version) {
    std::printf("%s", arguments->help ? kMountUsage : (VersionText() + "\n").c_str());
    return 0;
  }
  auto request = MakeRequest(*arguments);
  if (!request) return Report(kProgram, request.error());
  if (auto ready = Preflight(*request); !ready) return Report(kProgram, ready.error());
  auto given = ReadAnchorFiles(request->options.anchors);
  if (!given) return Report(kProgram, given.error());
  Guard guard(request->mount_point);  // before there is anything secret that it would get
  if (auto made = OfferNewVault(*request); !made) return Report(kProgram, made.error());
  auto header = LoadHeader(request->vault);
  if (!header) return Report(kProgram, header.error());
  if (auto unused = CheckNotInUse(*request); !unused) return Report(kProgram, unused.error());
  if (!ChooseHeaderOfDatabase(request->vault, &*header)) {
    std::fprintf(
        stderr, "%s: warning: one of the two copies of the header is of another volume%s\n",
        kProgram, request->options.read_only ? "" : "; mounting replaces it with the right one");
  }
  request->anchor_place = FindAnchorPlace(request->vault, request->mount_point);
  auto same = CheckVolumeAtPath(request->anchor_place, request->vault, header->info.volume_id,
                                request->options.accept_new_volume);
  if (!same) return Report(kProgram, same.error());
  auto secrets = AskAndUnlock(kProgram, request->vault, request->options.passphrase, &*header);
  if (!secrets) return Report(kProgram, secrets.error());
  auto found = FindWhatIsRemembered(std::move(*given), *header, *secrets, &*request);
  if (!found) return Report(kProgram, found.error());

  ForgetMountOptions(request->vault, request->mount_point);
  if (request->foreground) {
    StartReport report(kProgram);
    return ServeVolume(*request, *header, std::move(*secrets), report, guard);
  }
  const auto serve = [&](StartReport& report) {
    return ServeVolume(*request, *header, std::move(*secrets), report, guard);
  };
  return RunInBackground(kProgram, serve, [&] { guard.LetGo(); });
}

}  // namespace
}  // namespace chainfs::tools

int main(int argc, char** argv) {
  return chainfs::tools::RunMain("mount.chainfs", chainfs::tools::Main, argc, argv);
}

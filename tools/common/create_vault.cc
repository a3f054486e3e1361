// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/create_vault.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "fs/anchor/anchor_directory.h"
#include "fs/store/vault_directory.h"
#include "fs/volume.h"
#include "tools/common/open_vault.h"
#include "tools/common/state_path.h"

namespace chainfs::tools {
namespace {

// What mke2fs leaves in a filesystem of its own: a vault may be made at the top of one.
constexpr char kLostAndFound[] = "lost+found";

bool HoldsAnything(const std::string& directory, std::error_code& error) {
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().filename() != kLostAndFound) return true;
  }
  return false;
}

// Holds back the signals that end a program, for as long as half a vault might be left behind.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&held_);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&held_, signal);
    sigprocmask(SIG_BLOCK, &held_, &old_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { sigprocmask(SIG_SETMASK, &old_, nullptr); }

  // Takes one that has come, if any.
  bool Take() {
    timespec at_once{};
    return sigtimedwait(&held_, nullptr, &at_once) > 0;
  }

 private:
  sigset_t held_{}, old_{};
};

// Undoes what was made at a path: only what was not there before.
class Undo {
 public:
  explicit Undo(std::string vault) : vault_(std::move(vault)) {
    std::error_code error;
    existed_ = std::filesystem::exists(vault_, error);
    std::filesystem::path parent = std::filesystem::absolute(vault_, error).parent_path();
    for (; !error && !std::filesystem::exists(parent, error); parent = parent.parent_path()) {
      made_parents_.push_back(parent);
    }
  }
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    if (kept_) return;
    std::error_code ignored;  // what cannot be removed stays; the first error is the one to tell
    if (!existed_) {
      std::filesystem::remove_all(vault_, ignored);
      // Of the parents only what is still empty: others may have found a use for them.
      for (const auto& parent : made_parents_) std::filesystem::remove(parent, ignored);
      return;
    }
    for (const auto& entry : std::filesystem::directory_iterator(vault_, ignored)) {
      if (entry.path().filename() == kLostAndFound) continue;
      std::filesystem::remove_all(entry.path(), ignored);
    }
  }
  void Keep() { kept_ = true; }

 private:
  std::string vault_;
  std::vector<std::filesystem::path> made_parents_;  // innermost first
  bool existed_ = false;
  bool kept_ = false;
};

// The head that the ledger begins with.
Outcome<fs::anchor::Anchor> FirstAnchor(const std::string& vault) {
  const auto opened = OpenForReading(vault, Crashes::kTakeTheirCourse);
  if (!opened) return opened.error();
  const auto txn = opened->store->BeginRead();
  if (!txn) return VaultFailure(txn.error(), vault);
  const fs::StoredHead& head = opened->head;
  const auto newest =
      fs::ReadProvenEntry(*txn, head.checkpoint, Sequence(head.checkpoint.size - 1));
  if (!newest) return VaultFailure(newest.error(), vault);
  fs::anchor::Anchor anchor;
  anchor.volume = newest->record.volume_id;
  anchor.vkey = ledger::EncodeVerifierKey(head.key);
  anchor.genesis = head.genesis_link;
  anchor.time_ns = newest->record.time_ns;
  anchor.vault = vault;
  anchor.note = head.note;
  return anchor;
}

// So that already the first mount can tell this vault from another one. A volume that was at this
// path before must not look as if this one had been put in its place.
void RememberVault(const std::string& vault) {
  const auto place = FindAnchorDirectory(VaultSearch::OfThisProcess());
  if (!place || WhyNoPlaceForAnchors(*place, vault, {})) return;
  const auto anchor = FirstAnchor(vault);
  if (!anchor) return static_cast<void>(Report("warning", anchor.error()));
  const fs::anchor::AnchorDirectory directory(*place);
  auto noted = directory.RememberPath(vault, anchor->volume);
  if (noted) noted = directory.Remember(*anchor);
  if (!noted) std::fprintf(stderr, "warning: %s\n", noted.error().message.c_str());
}

}  // namespace

Outcome<void> CheckVaultCanBeMade(const std::string& vault) {
  std::error_code error;
  auto status = std::filesystem::status(vault, error);
  if (std::filesystem::exists(status)) {
    if (!std::filesystem::is_directory(status)) {
      return Failure{ExitCode::kVaultExists, vault + ": this is no directory"};
    }
    bool taken = HoldsAnything(vault, error);
    if (error) return SystemFailure(vault, error.value());
    if (taken) {
      auto copies = fs::store::ReadHeader(vault);
      return Failure{ExitCode::kVaultExists,
                     copies ? vault + ": this is a vault already, and it stays as it is"
                            : vault + ": the directory is not empty"};
    }
  }
  auto local = fs::store::CheckFilesystemIsLocal(vault);
  if (!local) return VaultFailure(local.error(), vault);
  return {};
}

Outcome<crypto::SecretBytes> CreateVault(const std::string& vault,
                                         const crypto::SecretBytes& passphrase,
                                         std::optional<uint64_t> max_size) {
  HeldSignals signals;
  Undo undo(vault);
  if (auto made = fs::store::CreateVaultDirectory(vault); !made) {
    // Where it exists nothing is ours to undo.
    if (made.error().code == ErrorCode::kExists) undo.Keep();
    return VaultFailure(made.error(), vault);
  }
  crypto::Argon2Cost cost = crypto::CalibrateArgon2(kUnlockMilliseconds);
  if (signals.Take()) return Failure{ExitCode::kInterrupted, "interrupted; no vault was made"};
  auto recovery_key = fs::Volume::Create(vault, passphrase, cost, geteuid(), getegid(), max_size);
  if (!recovery_key) return VaultFailure(recovery_key.error(), vault);
  if (signals.Take()) return Failure{ExitCode::kInterrupted, "interrupted; no vault was made"};
  undo.Keep();
  RememberVault(CanonicalPath(vault));
  return std::move(*recovery_key);
}

void WriteSecret(const crypto::SecretBytes& secret) {
  std::fflush(stdout);
  ByteView bytes = secret.view();
  while (!bytes.empty()) {
    ssize_t n = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

void PrintRecoveryKey(const std::string& vault, const crypto::SecretBytes& recovery_key) {
  std::printf(
      "The vault %s is made.\n\n"
      "Recovery key (opens the vault if the passphrase is lost; shown this once, so write it\n"
      "down and keep it away from the vault):\n\n    ",
      vault.c_str());
  WriteSecret(recovery_key);
  std::printf("\n\n");
  std::fflush(stdout);
}

}  // namespace chainfs::tools

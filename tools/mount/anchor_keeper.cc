// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/mount/anchor_keeper.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "fs/anchor/checkpoint_head.h"
#include "ledger/verifier_key.h"

namespace chainfs::tools {

AnchorKeeper::AnchorKeeper(fs::anchor::AnchorDirectory directory, std::string vault,
                           const fs::LedgerIdentity& identity, const KnownHeads& known)
    : directory_(std::move(directory)),
      vault_(std::move(vault)),
      identity_(identity),
      kept_origin_(known.kept_origin),
      set_aside_(known.set_aside),
      status_{directory_.FileOf(identity.volume_id), 0, 0, {}},
      writer_({.remember = [this](const fs::anchor::Anchor& anchor) { return Remember(anchor); },
               .on_failure =
                   [](const Error& error) {
                     spdlog::warn("the anchor cannot be written: why=\"{}\"", error.message);
                   }}) {}

void AnchorKeeper::NoteHead(const std::string& checkpoint, uint64_t time_ns) {
  const auto head = fs::anchor::HeadOf(checkpoint);
  if (!head) return;  // what the engine signs is a checkpoint
  fs::anchor::Anchor anchor;
  anchor.volume = identity_.volume_id;
  anchor.vkey = ledger::EncodeVerifierKey({head->origin, identity_.key});
  anchor.genesis = identity_.genesis_link;
  anchor.time_ns = time_ns;
  anchor.vault = vault_;
  anchor.note = checkpoint;
  writer_.Note(std::move(anchor));
}

std::optional<fs::RememberedHead> AnchorKeeper::Kept() const {
  auto kept = directory_.Find(identity_.volume_id);
  if (!kept || !*kept) return std::nullopt;
  return fs::RememberedHead{directory_.FileOf(identity_.volume_id), std::move((*kept)->note),
                            (*kept)->time_ns};
}

Result<void> AnchorKeeper::SetAside() {
  auto aside = directory_.SetAside(identity_.volume_id);
  if (!aside && aside.error().code != ErrorCode::kNotFound) return std::move(aside).error();
  if (aside) spdlog::warn("the anchor that could not be used is put aside: file={}", *aside);
  set_aside_ = false;
  return {};
}

Result<void> AnchorKeeper::Remember(const fs::anchor::Anchor& anchor) {
  Result<void> remembered;
  if (set_aside_) remembered = SetAside();
  if (remembered) remembered = directory_.Remember(anchor, kept_origin_);
  const auto head = fs::anchor::HeadOf(anchor.note);
  if (remembered) kept_origin_ = head->origin;
  std::lock_guard lock(mutex_);
  status_.problem = remembered ? "" : remembered.error().message;
  if (remembered) {
    status_.records = head->size;
    status_.time_ns = anchor.time_ns;
  }
  return remembered;
}

AnchorStatus AnchorKeeper::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace chainfs::tools

// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the anchor of a mounted volume: the newest head is remembered outside the vault, a few
// seconds after its commit at the latest, and never before it.
//
// An anchor of another branch than the volume's is replaced: opening the volume has compared it,
// and would have refused a branch that its owner did not give up. One that the owner goes on
// without is put aside before the first head is written. That a head cannot be remembered hinders
// nobody: it is told once in the log, and shown in the status for as long as it lasts.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "fs/anchor/anchor_directory.h"
#include "fs/anchor/anchor_writer.h"
#include "fs/commit/chain_head.h"
#include "tools/common/known_heads.h"

namespace chainfs::tools {

struct AnchorStatus {
  std::string file;
  uint64_t records = 0;  // that the anchor covers; 0: nothing was remembered yet
  uint64_t time_ns = 0;  // of the newest one
  std::string problem;   // why newer heads are not remembered; empty: they are
};

class AnchorKeeper {
 public:
  // `vault` is its canonical path. Starts a thread: not before a fork into the background.
  AnchorKeeper(fs::anchor::AnchorDirectory directory, std::string vault,
               const fs::LedgerIdentity& identity, const KnownHeads& known);
  AnchorKeeper(const AnchorKeeper&) = delete;
  AnchorKeeper& operator=(const AnchorKeeper&) = delete;

  // The volume's new head. Never waits for a disk. Any thread.
  // REQUIRES: it is durable, and verified or of our own making.
  void NoteHead(const std::string& checkpoint, uint64_t time_ns);
  // The head that is remembered now, read again from its file. nullopt: none, or it cannot be read.
  std::optional<fs::RememberedHead> Kept() const;
  // Writes the last head, and waits for that. One thread.
  void Stop() { writer_.Stop(); }

  AnchorStatus status() const;  // any thread

 private:
  Result<void> Remember(const fs::anchor::Anchor& anchor);
  Result<void> SetAside();

  const fs::anchor::AnchorDirectory directory_;
  const std::string vault_;
  const fs::LedgerIdentity identity_;
  std::string kept_origin_;  // of what lies in the directory; the writer's thread
  bool set_aside_;           // is still to be done; the writer's thread
  mutable std::mutex mutex_;
  AnchorStatus status_;              // guarded by mutex_
  fs::anchor::AnchorWriter writer_;  // last: its thread uses the others
};

}  // namespace chainfs::tools

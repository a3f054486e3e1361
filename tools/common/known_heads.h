// SPDX-License-Identifier: GPL-3.0-or-later
// What a vault is compared with before it is used: the heads of its ledger that are remembered
// outside of it. That is the anchor that the daemon keeps by itself, if there is one, and every
// checkpoint that the user names. Before the fork: what is wrong with them is told on the terminal.
//
// An anchor that cannot be used is never passed over: whoever can damage it would else be rid of
// it. Going on without it takes `accept_rollback`, and loses nothing: the daemon puts it aside.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fs/anchor/anchor_directory.h"
#include "fs/commit/chain_head.h"
#include "fs/types.h"
#include "tools/common/exit_code.h"

namespace chainfs::tools {

// Where the anchors of this user lie, if that is a place that is worth anything for this vault.
struct AnchorPlace {
  std::optional<fs::anchor::AnchorDirectory> directory;
  std::string why_none;  // if there is none
};
AnchorPlace FindAnchorPlace(const std::string& vault, const std::string& mount_point);

// What a file that the user names remembers of a vault.
struct AnchorFile {
  fs::RememberedHead head;
  std::string vkey;  // empty: a bare checkpoint says nothing of the key
};
// As ReadAnchorFiles, for one.
Outcome<AnchorFile> ReadAnchorFile(const std::string& file);

// The checkpoints in these files, each of which holds an anchor or a checkpoint alone; "-" is
// standard input. kAnchorUnusable: it cannot be read, or is neither; kUsage: "-" twice.
Outcome<std::vector<fs::RememberedHead>> ReadAnchorFiles(const std::vector<std::string>& files);

// kOtherVolume: another volume was last seen at this path, and `accept` does not say that it is
// meant. kAnchorUnusable: which one it was cannot be read. Also good for an id that has not been
// authenticated yet: then it spares the user a passphrase that could only seem wrong.
Outcome<void> CheckVolumeAtPath(const AnchorPlace& place, const std::string& vault,
                                const VolumeId& volume, bool accept);

struct KnownHeads {
  std::vector<fs::RememberedHead> heads;  // `given`, and the anchor that is kept
  std::string kept_origin;                // of that anchor's checkpoint; empty: there is none
  bool set_aside = false;                 // it cannot be used, and the owner goes on without it
};

// kAnchorUnusable: one that is given is not of this ledger, or the one that is kept cannot be used
// and the rollback that it might show is not accepted.
Outcome<KnownHeads> FindKnownHeads(const AnchorPlace& place, std::vector<fs::RememberedHead> given,
                                   const fs::LedgerIdentity& identity, bool accept_rollback);

}  // namespace chainfs::tools

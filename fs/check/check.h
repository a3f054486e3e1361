// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a vault, pass by pass. Four passes need no key, so that a backup host or an auditor can
// run them:
//
//   HISTORY       the records are the ones that the signed head covers, and agree with each other
//   INTEGRITY     every object in the store has the recorded size and digest
//   COMPLETENESS  births minus reaps are the objects in the store
//   FRESHNESS     the head goes on from every head that is remembered elsewhere
//
// STRUCTURE, which needs the key, is the caller's to add.
//
// Everything in the store is taken for hostile: damage is a finding, whatever it is. That LMDB can
// read the file is taken for granted: walk its pages first (fs/store/page_walk.h).
//
// Memory is bounded, whatever the size of the vault: 48 MiB of bitmaps over a window of object ids,
// and what the map of the database has resident (fs/store/resident_limit.h). The lists are read
// twice for each window.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "crypto/signature.h"
#include "fs/check/finding.h"
#include "fs/check/pace.h"
#include "fs/check/retention_hold.h"
#include "fs/store/store.h"
#include "fs/store/vault_directory.h"
#include "fs/types.h"
#include "ledger/record.h"

namespace chainfs::fs::check {

// Somebody's word, other than the vault's own, for whose signature the ledger bears.
struct TrustedKey {
  std::string source;  // for people: "--vkey", "the unlocked header"
  crypto::PublicKey key{};
};

// The pass that needs the key. `head` is the newest record, which HISTORY found genuine; `altered`
// are those that it did not, ascending.
using StructureCheck = std::function<PassResult(
    const ledger::Record& head, const std::vector<Sequence>& altered, Listener& listener)>;

struct CheckOptions {
  // Heads that are remembered outside the vault.
  std::vector<RememberedHead> remembered;
  // All that are known: from --vkey, from the anchors, from the unlocked header. They have to
  // agree.
  std::vector<TrustedKey> keys;
  // The header was unlocked, and its MAC verified: it is the owner's, even if no record names it.
  bool header_verified = false;
  // Only what was written after this head is checked for INTEGRITY and COMPLETENESS.
  std::optional<RememberedHead> since;
  // Counts the caller's. REQUIRES: not 0.
  unsigned threads = 1;
  // Null: nobody writes to the vault, or one read transaction may be kept for as long as it takes.
  RetentionHold* hold = nullptr;
  StructureCheck structure;  // empty: NOT CHECKED
  Pace* pace = nullptr;      // of all reading but the structure check's; null: no limit

  // For tests.
  std::chrono::milliseconds renew_after{3000};  // age of a read transaction under a hold
  uint64_t window_ids = uint64_t{1} << 27;      // object ids looked at in one round
};

// One result for each pass but PAGES, in the order of Pass. `headers`: read after the hold was
// taken. A pass that cannot run says why, and does not stop the others. The listener is called on
// this thread only.
std::vector<PassResult> CheckVault(const store::Store& store, const store::HeaderCopies& headers,
                                   const CheckOptions& options, Listener& listener);

}  // namespace chainfs::fs::check

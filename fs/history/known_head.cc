// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/known_head.h"

#include <algorithm>
#include <functional>

#include "crypto/base64.h"
#include "fs/clock.h"
#include "fs/history/stored_tiles.h"
#include "ledger/proof.h"
#include "ledger/tile_hashes.h"

namespace chainfs::fs {
namespace {

// Whether the ledger of `head` begins with the one of `known`.
bool Extends(const store::ReadTxn& txn, const ledger::Checkpoint& head,
             const ledger::Checkpoint& known) {
  ledger::TileHashes hashes(StoredTiles(txn));
  const auto proof = ledger::ProveConsistency(known.size, head.size, std::ref(hashes));
  return proof && ledger::VerifyConsistency(known.size, known.root, head.size, head.root, *proof);
}

bool CoversAbandoned(const ledger::RollbackAcceptance& acceptance, const ledger::BranchId& branch,
                     const ledger::Checkpoint& known) {
  if (acceptance.abandoned_branch != branch) return false;
  if (known.size == acceptance.abandoned_size) return known.root == acceptance.abandoned_root;
  // What lies before the abandoned head is gone; that it led there cannot be shown any more.
  return known.size < acceptance.abandoned_size;
}

std::string DescribeHead(const ledger::Checkpoint& head, uint64_t time_ns) {
  const std::string time = time_ns == 0 ? "time not known" : FormatUtc(time_ns);
  return std::to_string(head.size) + " records, " + time + ", root " +
         crypto::EncodeBase64(head.root) + ", " + head.origin;
}

}  // namespace

Result<KnownHead> OpenKnownHead(std::string_view note, const VolumeId& volume_id,
                                const crypto::PublicKey& key, std::string source) {
  const auto claimed = ledger::ParseCheckpointUnverified(note);
  const auto origin = claimed ? ledger::DecodeOrigin(claimed->origin) : std::nullopt;
  if (!origin) {
    return Error{ErrorCode::kInvalid, source + ": this is no checkpoint of a chainfs ledger"};
  }
  if (origin->volume_id != volume_id) {
    return Error{ErrorCode::kInvalid,
                 source + ": this checkpoint is another volume's, " + claimed->origin};
  }
  auto opened = ledger::OpenCheckpoint(note, {claimed->origin, key});
  if (!opened) {
    return Error{ErrorCode::kDamaged,
                 source + ": the checkpoint is not signed with this ledger's key"};
  }
  return KnownHead{std::move(source), std::move(*opened), 0};
}

Standing CompareWithKnownHead(const store::ReadTxn& txn, const ledger::Checkpoint& head,
                              const std::vector<Branch>& branches, const KnownHead& known) {
  const ledger::Checkpoint& old = known.checkpoint;
  if (old.origin == head.origin) {
    if (old.size > head.size) return Standing::kRollback;
    return Extends(txn, head, old) ? Standing::kExtended : Standing::kFork;
  }
  const auto origin = ledger::DecodeOrigin(old.origin);
  if (!origin) return Standing::kFork;
  const auto covered = [&](const Branch& branch) {
    return CoversAbandoned(branch.acceptance, origin->branch, old);
  };
  const auto branch = std::find_if(branches.begin(), branches.end(),
                                   [&](const Branch& b) { return b.id == origin->branch; });
  if (branch != branches.end() && std::next(branch) != branches.end() &&
      old.size <= std::next(branch)->begin.value) {
    if (Extends(txn, head, old)) return Standing::kSuperseded;
    // A fork that was accepted; of others as old as that nothing is known.
    const auto named = [&](const Branch& b) {
      return b.acceptance.abandoned_size == old.size && covered(b);
    };
    return std::any_of(branches.begin(), branches.end(), named) ? Standing::kSuperseded
                                                                : Standing::kFork;
  }
  if (std::any_of(branches.begin(), branches.end(), covered)) return Standing::kSuperseded;
  return branch != branches.end() ? Standing::kRollback : Standing::kFork;
}

std::string DescribeHeads(const ledger::Checkpoint& head, uint64_t head_time_ns,
                          const KnownHead& known) {
  return "  the vault:  " + DescribeHead(head, head_time_ns) +
         "\n  remembered: " + DescribeHead(known.checkpoint, known.time_ns) + " (" + known.source +
         ")";
}

}  // namespace chainfs::fs

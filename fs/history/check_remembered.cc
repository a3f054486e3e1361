// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/check_remembered.h"

#include <algorithm>

#include "fs/history/known_head.h"

namespace chainfs::fs {
namespace {

Error Refusal(Standing standing, const ChainHead& head, const KnownHead& known) {
  const bool fork = standing == Standing::kFork;
  return {fork ? ErrorCode::kFork : ErrorCode::kRollback,
          std::string(fork ? "FORK: the vault's history is not the one that is remembered"
                           : "ROLLBACK: the vault is older than a head that is remembered") +
              "\n" + DescribeHeads(CheckpointOf(head), head.time_ns, known) +
              "\nIf you did not put an older copy here yourself, somebody else did: look for the "
              "newer\none. To go on from this state for good, mount it with --accept-rollback."};
}

}  // namespace

Result<RememberedCheck> CheckRemembered(const store::ReadTxn& txn, const ChainHead& head,
                                        const LedgerIdentity& identity,
                                        const std::vector<RememberedHead>& remembered) {
  RememberedCheck check;
  if (remembered.empty()) return check;
  const ledger::Checkpoint checkpoint = CheckpointOf(head);
  auto branches = ReadBranches(txn, identity.genesis_link, checkpoint);
  if (!branches) return std::move(branches).error();
  for (const RememberedHead& one : remembered) {
    auto known = OpenKnownHead(one.checkpoint, identity.volume_id, identity.key, one.source);
    if (!known) return std::move(known).error();
    known->time_ns = one.time_ns;
    const Standing standing = CompareWithKnownHead(txn, checkpoint, *branches, *known);
    if (standing == Standing::kExtended || standing == Standing::kSuperseded) continue;
    if (check.conflicts.empty()) check.refusal = Refusal(standing, head, *known);
    ledger::RollbackAcceptance acceptance;
    acceptance.abandoned_size = known->checkpoint.size;
    acceptance.abandoned_root = known->checkpoint.root;
    acceptance.abandoned_branch = ledger::DecodeOrigin(known->checkpoint.origin)->branch;
    // One file may be given twice.
    if (std::find(check.conflicts.begin(), check.conflicts.end(), acceptance) ==
        check.conflicts.end()) {
      check.conflicts.push_back(acceptance);
    }
  }
  return check;
}

}  // namespace chainfs::fs

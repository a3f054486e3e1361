// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing a vault's head with one that is remembered outside the vault (an anchor): has the vault
// been rolled back, or its history rewritten? Pure reading; as thread-safe as the transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/signature.h"
#include "fs/history/branches.h"

namespace chainfs::fs {

// A head that was seen once. The signature has been verified.
struct KnownHead {
  std::string source;  // where it is remembered, for people
  ledger::Checkpoint checkpoint;
  uint64_t time_ns = 0;  // of its newest record; 0: not known (a bare checkpoint does not say)
};

enum class Standing {
  kExtended,    // the vault's head has all of it, and is not older
  kSuperseded,  // it is of a branch that an accepted rollback has ended
  kRollback,    // the vault is older
  kFork,        // the vault says something else about the same past
};

// Opens a checkpoint that is remembered, whoever kept it. kInvalid: no checkpoint of a chainfs
// ledger, or of another volume; kDamaged: not signed with `key`.
Result<KnownHead> OpenKnownHead(std::string_view note, const VolumeId& volume_id,
                                const crypto::PublicKey& key, std::string source);

// `head` and `branches` are verified. What is read from the store is proven against `head`, so
// that damage can make an honest anchor look like a fork but never the other way round.
Standing CompareWithKnownHead(const store::ReadTxn& txn, const ledger::Checkpoint& head,
                              const std::vector<Branch>& branches, const KnownHead& known);

// Both heads, for the owner to compare: two lines.
std::string DescribeHeads(const ledger::Checkpoint& head, uint64_t head_time_ns,
                          const KnownHead& known);

}  // namespace chainfs::fs

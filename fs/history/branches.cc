// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/branches.h"

#include <functional>

#include "crypto/base/byte_order.h"
#include "fs/history/stored_tiles.h"
#include "ledger/proof.h"
#include "ledger/tile_hashes.h"

namespace chainfs::fs {
namespace {

constexpr size_t kEntryBytes = 8;

Error Damaged(const std::string& what) {
  return {ErrorCode::kDamaged, "the list of branches " + what + "; run chainfs-fsck"};
}

// The record, once it is proven to be the ledger's.
std::optional<ledger::Record> FindProven(const store::ReadTxn& txn, Sequence sequence,
                                         const ledger::Checkpoint& head, Digest* link) {
  const auto encoded = txn.FindRecord(sequence);
  const auto record = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
  if (!record) return std::nullopt;
  *link = ledger::LinkOf(*encoded);
  ledger::TileHashes hashes(StoredTiles(txn));
  const auto proof = ledger::ProveInclusion(sequence.value, head.size, std::ref(hashes));
  const bool proven =
      proof && ledger::VerifyInclusion(*link, sequence.value, head.size, *proof, head.root);
  return proven ? record : std::nullopt;
}

}  // namespace

Result<std::vector<Branch>> ReadBranches(const store::ReadTxn& txn, const Digest& genesis_link,
                                         const ledger::Checkpoint& head) {
  std::vector<Branch> branches;
  branches.push_back({ledger::BranchOf(genesis_link), Sequence(0), {}});
  const ByteView list = txn.FindMeta(kBranchesMeta).value_or(ByteView());
  if (list.size() % kEntryBytes != 0 || list.size() > kMaxBranches * kEntryBytes) {
    return Damaged("is malformed");
  }
  for (size_t at = 0; at < list.size(); at += kEntryBytes) {
    const Sequence sequence(GetBE<uint64_t>(list.data() + at));
    Digest link;
    const auto record = FindProven(txn, sequence, head, &link);
    if (sequence <= branches.back().begin || !record ||
        record->type != ledger::RecordType::kRollbackAccepted) {
      return Damaged("names record " + std::to_string(sequence.value) +
                     ", which is no accepted rollback of this ledger");
    }
    branches.push_back({ledger::BranchOf(link), sequence, record->rollback});
  }
  return branches;
}

Bytes ExtendBranches(const store::ReadTxn& txn, Sequence record) {
  const ByteView list = txn.FindMeta(kBranchesMeta).value_or(ByteView());
  Bytes extended(list.begin(), list.end());
  Writer(extended).Int(record.value);
  return extended;
}

}  // namespace chainfs::fs

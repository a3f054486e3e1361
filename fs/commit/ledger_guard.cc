// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/ledger_guard.h"

#include <algorithm>
#include <functional>

#include "fs/history/stored_tiles.h"
#include "ledger/proof.h"
#include "ledger/tile_hashes.h"

namespace chainfs::fs {

void LedgerGuard::NoteCommitted(const ChainHead& head) {
  newest_ = head.newest;
  links_.push_back(head.link);
  if (links_.size() > kMostLinks) links_.pop_front();
}

bool LedgerGuard::IsStored(const store::ReadTxn& txn, const ChainHead& head) const {
  const auto checkpoint = txn.FindMeta(kCheckpointMeta);
  if (!checkpoint || !std::ranges::equal(*checkpoint, AsBytes(head.checkpoint))) return false;
  const auto record = txn.FindRecord(head.newest);
  if (txn.NewestRecord() != head.newest || !record || ledger::LinkOf(*record) != head.link) {
    return false;
  }
  if (head.edge.size() % ledger::kTileWidth != ledger::kTileWidth - 1) return true;
  const auto edge = ledger::TreeEdge::Load(head.edge.size(), StoredTiles(txn));
  return edge && edge->Root() == head.edge.Root();
}

bool LedgerGuard::IsGenuine(const store::ReadTxn& txn, const ChainHead& head, Sequence record,
                            ByteView encoded) const {
  const Digest link = ledger::LinkOf(encoded);
  const uint64_t age = newest_.value - record.value;
  if (record <= newest_ && age < links_.size()) return links_[links_.size() - 1 - age] == link;
  ledger::TileHashes hashes(StoredTiles(txn));
  const auto proof = ledger::ProveInclusion(record.value, head.edge.size(), std::ref(hashes));
  return proof &&
         ledger::VerifyInclusion(link, record.value, head.edge.size(), *proof, head.edge.Root());
}

}  // namespace chainfs::fs

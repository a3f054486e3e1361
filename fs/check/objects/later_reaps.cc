// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/objects/later_reaps.h"

#include "crypto/sha256.h"
#include "fs/history/stored_tiles.h"
#include "ledger/commit_lists.h"
#include "ledger/text.h"

namespace chainfs::fs::check {
namespace {

// The head as of the transaction, if its tree begins with the one of `history`.
std::optional<ledger::Checkpoint> FindLaterHead(const store::ReadTxn& txn, const History& history) {
  const auto note = txn.FindMeta(kCheckpointMeta);
  if (!note || note->size() > kMaxCheckpointBytes) return std::nullopt;
  const auto head =
      ledger::OpenCheckpoint(ledger::TextOf(*note), {history.head->origin, history.key});
  if (!head || head->size < history.head->size) return std::nullopt;
  ledger::TreeEdge edge = history.edge;
  for (uint64_t n = history.head->size; n < head->size; ++n) {
    const auto record = txn.FindRecord(Sequence(n));
    if (!record) return std::nullopt;
    edge.Append(ledger::LinkOf(*record));
  }
  if (edge.Root() != head->root) return std::nullopt;
  return *head;
}

std::optional<ByteView> FindReaps(const store::ReadTxn& txn, Sequence sequence) {
  const auto encoded_record = txn.FindRecord(sequence);
  const auto record = encoded_record ? ledger::DecodeRecord(*encoded_record) : std::nullopt;
  const auto encoded = txn.FindLists(sequence);
  const auto rows = encoded ? ledger::SplitLists(*encoded) : std::nullopt;
  if (!record || !rows || crypto::Sha256(rows->reaps) != record->reaps_digest) return std::nullopt;
  return rows->reaps;
}

}  // namespace

bool ForEachLaterReap(const Snapshot& snapshot, const History& history,
                      const std::function<void(ObjectId)>& visit) {
  if (!history.has_signed_root || history.records != history.head->size) return false;
  const auto head = FindLaterHead(snapshot.txn(), history);
  if (!head) return false;
  for (uint64_t n = history.records; n < head->size; ++n) {
    auto rows = FindReaps(snapshot.txn(), Sequence(n));
    if (!rows) return false;
    for (; !rows->empty(); rows = rows->subspan(ledger::kDeathBytes)) {
      visit(ledger::DecodeDeath(rows->data()).id);
    }
  }
  return true;
}

}  // namespace chainfs::fs::check

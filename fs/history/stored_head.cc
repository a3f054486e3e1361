// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/history/stored_head.h"

#include <functional>

#include "fs/history/stored_tiles.h"
#include "ledger/origin.h"
#include "ledger/proof.h"
#include "ledger/tile_hashes.h"

namespace chainfs::fs {
namespace {

Error Damaged(std::string what) {
  return {ErrorCode::kDamaged, std::move(what) + "; run chainfs-fsck"};
}

}  // namespace

Result<StoredHead> ReadStoredHead(const store::ReadTxn& txn) {
  StoredHead head;
  const auto stored = txn.FindMeta(kCheckpointMeta);
  if (!stored) return Damaged("the ledger has no signed head");
  if (stored->size() > kMaxCheckpointBytes) return Damaged("the ledger's signed head is malformed");
  head.note.assign(stored->begin(), stored->end());
  const auto claimed = ledger::ParseCheckpointUnverified(head.note);
  const auto origin = claimed ? ledger::DecodeOrigin(claimed->origin) : std::nullopt;
  if (!origin) return Damaged("the ledger's signed head is malformed");

  const auto encoded = txn.FindRecord(Sequence(0));
  const auto genesis = encoded ? ledger::DecodeRecord(*encoded) : std::nullopt;
  if (!genesis || genesis->type != ledger::RecordType::kGenesis) {
    return Damaged("the ledger's first record is missing or malformed");
  }
  if (genesis->volume_id != origin->volume_id) {
    return Damaged("the ledger's signed head and its first record are of different volumes");
  }
  head.genesis_link = ledger::LinkOf(*encoded);
  head.key = {claimed->origin, genesis->ledger_public_key};
  auto opened = ledger::OpenCheckpoint(head.note, head.key);
  if (!opened) {
    return Damaged("the ledger's head is not signed with the key in its first record");
  }
  head.checkpoint = *std::move(opened);
  return head;
}

Result<ProvenEntry> ReadProvenEntry(const store::ReadTxn& txn, const ledger::Checkpoint& head,
                                    Sequence sequence) {
  const std::string name = "record " + std::to_string(sequence.value);
  if (sequence.value >= head.size) {
    return Error{ErrorCode::kNotFound, "there is no " + name + ": the ledger has " +
                                           std::to_string(head.size) + " records, from 0 on"};
  }
  const auto encoded = txn.FindRecord(sequence);
  if (!encoded) return Damaged(name + " is missing");
  const auto record = ledger::DecodeRecord(*encoded);
  if (!record || record->sequence != sequence) return Damaged(name + " is malformed");
  ProvenEntry entry{Bytes(encoded->begin(), encoded->end()), *record, ledger::LinkOf(*encoded), {}};
  ledger::TileHashes hashes(StoredTiles(txn));
  auto proof = ledger::ProveInclusion(sequence.value, head.size, std::ref(hashes));
  if (!proof ||
      !ledger::VerifyInclusion(entry.link, sequence.value, head.size, *proof, head.root)) {
    return Damaged(name + " is not the one that the ledger's signed head covers");
  }
  entry.inclusion = *std::move(proof);
  return entry;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/sealed_commit.h"

#include <algorithm>

#include "fs/history/stored_tiles.h"

namespace chainfs::fs {
void CompleteRecord(const ChainHead& head, ledger::Record record, uint64_t now_ns,
                    const crypto::SecretKey& seed, SealedCommit& commit) {
  record.volume_id = head.origin.volume_id;
  record.sequence = Sequence(head.newest.value + 1);
  record.time_ns = std::max(now_ns, head.time_ns);
  record.session = head.session;
  record.previous_link = head.link;
  record.header_digest = head.header_digest;
  record.root = commit.frozen ? commit.frozen->root() : head.root;
  record.next_id = commit.frozen ? commit.frozen->next_id() : head.next_id;
  record.birth_count = commit.lists.births.size();
  record.births_root = ledger::BirthsRoot(commit.lists.births);
  record.death_count = commit.lists.deaths.size();
  record.deaths_digest = ledger::DeathsDigest(commit.lists.deaths);
  record.reap_count = commit.lists.reaps.size();
  record.reaps_digest = ledger::DeathsDigest(commit.lists.reaps);
  record.live_objects = head.live_objects + record.birth_count - record.death_count;
  record.live_bytes = head.live_bytes;
  for (const auto& birth : commit.lists.births) record.live_bytes += birth.sealed_bytes;
  for (const auto& death : commit.lists.deaths) record.live_bytes -= death.sealed_bytes;

  commit.encoded_lists = ledger::EncodeLists(commit.lists);
  commit.encoded_record = ledger::EncodeRecord(record);
  // What dies now joins the graveyard; what the caller planned to reap has left it.
  Graveyard graveyard = commit.reaped_to.value_or(head.graveyard);
  for (const auto& death : commit.lists.deaths) graveyard.bytes += death.sealed_bytes;
  if (commit.empties_graveyard) {
    graveyard = {record.sequence, record.death_count, 0};
  }
  ChainHead& next = commit.next_head = head;
  next.newest = record.sequence;
  next.link = ledger::LinkOf(commit.encoded_record);
  next.root = record.root;
  next.next_id = record.next_id;
  next.live_objects = record.live_objects;
  next.live_bytes = record.live_bytes;
  next.time_ns = record.time_ns;
  next.graveyard = graveyard;
  next.edge.Append(next.link);
  commit.begins_branch = record.type == ledger::RecordType::kRollbackAccepted;
  if (commit.begins_branch) next.origin.branch = ledger::BranchOf(next.link);
  next.checkpoint = ledger::SignCheckpoint(CheckpointOf(next), seed);
}

Result<void> PutRecordOf(store::WriteTxn& txn, const SealedCommit& commit) {
  const Sequence sequence = commit.next_head.newest;
  if (auto put = txn.PutLists(sequence, commit.encoded_lists); !put) return put;
  if (auto put = txn.PutRecord(sequence, commit.encoded_record); !put) return put;
  for (const auto& [tile, hashes] : commit.next_head.edge.TilesToStore()) {
    if (auto put = txn.PutTile(ledger::KeyOfTile(tile), hashes); !put) return put;
  }
  const GraveyardMeta graveyard = EncodeGraveyard(commit.next_head.graveyard, sequence);
  if (auto put = txn.PutMeta(kGraveyardMeta, graveyard); !put) return put;
  return txn.PutMeta(kCheckpointMeta, AsBytes(commit.next_head.checkpoint));
}

}  // namespace chainfs::fs

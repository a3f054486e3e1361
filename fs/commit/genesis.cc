// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/genesis.h"

#include "crypto/header_codec.h"
#include "crypto/key_schedule.h"
#include "crypto/random.h"
#include "fs/history/stored_tiles.h"

namespace chainfs::fs {

Bytes MakeGenesis(const crypto::NewVolume& volume, uint64_t now_ns) {
  ledger::Record genesis;
  genesis.type = ledger::RecordType::kGenesis;
  genesis.volume_id = volume.volume_id;
  genesis.time_ns = now_ns;
  genesis.next_id = ObjectId(1);
  genesis.births_root = ledger::BirthsRoot({});
  genesis.deaths_digest = genesis.reaps_digest = ledger::DeathsDigest({});
  genesis.ledger_public_key = crypto::Ed25519PublicKey(volume.secrets.signing_seed);
  genesis.suite = crypto::kSuite;
  genesis.volume_key_commitment =
      crypto::VolumeKeyCommitment(volume.secrets.volume_key, volume.volume_id);
  return ledger::EncodeRecord(genesis);
}

Result<ChainHead> StoreGenesis(store::Store& store, ByteView genesis,
                               const crypto::SecretKey& seed) {
  const auto record = ledger::DecodeRecord(genesis);
  if (!record) return ErrorCode::kInvalid;
  ChainHead head;
  head.link = ledger::LinkOf(genesis);
  head.origin = {record->volume_id, ledger::BranchOf(head.link)};
  crypto::FillRandom(head.session);
  head.next_id = record->next_id;
  head.time_ns = record->time_ns;
  head.edge.Append(head.link);
  head.checkpoint = ledger::SignCheckpoint(CheckpointOf(head), seed);

  auto txn = store.BeginWrite();
  if (!txn) return std::move(txn).error();
  if (auto put = txn->PutRecord(Sequence(0), genesis); !put) return std::move(put).error();
  auto lists = txn->PutLists(Sequence(0), ledger::EncodeLists({}));
  if (!lists) return std::move(lists).error();
  auto checkpoint = txn->PutMeta(kCheckpointMeta, AsBytes(head.checkpoint));
  if (!checkpoint) return std::move(checkpoint).error();
  if (auto committed = txn->Commit(); !committed) return std::move(committed).error();
  return head;
}

}  // namespace chainfs::fs

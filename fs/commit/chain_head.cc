// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/chain_head.h"

#include <functional>

#include "crypto/base/byte_order.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "fs/history/stored_tiles.h"
#include "ledger/proof.h"
#include "ledger/tile_hashes.h"

namespace chainfs::fs {
namespace {

Error Damaged(const std::string& what) {
  return {ErrorCode::kDamaged, what + "; run chainfs-fsck, or restore the vault from a backup"};
}

std::string NameOf(Sequence record) { return "record " + std::to_string(record.value); }

// The stored checkpoint, signed by the ledger's key for a branch of this volume.
Result<ledger::Checkpoint> ReadCheckpoint(const store::ReadTxn& txn, const LedgerIdentity& identity,
                                          ChainHead& head) {
  const auto stored = txn.FindMeta(kCheckpointMeta);
  if (!stored) return Damaged("the ledger has no signed head");
  if (stored->size() > kMaxCheckpointBytes) return Damaged("the ledger's signed head is malformed");
  head.checkpoint.assign(stored->begin(), stored->end());
  const auto claimed = ledger::ParseCheckpointUnverified(head.checkpoint);
  const auto origin = claimed ? ledger::DecodeOrigin(claimed->origin) : std::nullopt;
  if (!origin) return Damaged("the ledger's signed head is malformed");
  if (origin->volume_id != identity.volume_id) {
    return Damaged("the header and the database belong to different volumes");
  }
  head.origin = *origin;
  auto opened = ledger::OpenCheckpoint(head.checkpoint, {claimed->origin, identity.key});
  if (!opened) return Damaged("the ledger's head is not signed with this vault's key");
  return opened;
}

// The newest record, once it is shown to be the tree's last leaf and to continue the one before it.
Result<ledger::Record> ReadNewest(const store::ReadTxn& txn, const ledger::Checkpoint& checkpoint,
                                  const ledger::TileFetcher& tiles, Digest* link) {
  const Sequence newest(checkpoint.size - 1);
  auto encoded = txn.FindRecord(newest);
  if (!encoded) return Damaged(NameOf(newest) + " is missing");
  auto record = ledger::DecodeRecord(*encoded);
  if (!record || record->sequence != newest) return Damaged(NameOf(newest) + " is malformed");
  *link = ledger::LinkOf(*encoded);
  ledger::TileHashes hashes(tiles);
  const auto proof = ledger::ProveInclusion(newest.value, checkpoint.size, std::ref(hashes));
  if (!proof ||
      !ledger::VerifyInclusion(*link, newest.value, checkpoint.size, *proof, checkpoint.root)) {
    return Damaged(NameOf(newest) + " is not the one that the ledger's signed head covers");
  }
  auto before = txn.FindRecord(Sequence(newest.value - 1));
  if (!before || ledger::LinkOf(*before) != record->previous_link) {
    return Damaged(NameOf(newest) + " does not continue the record before it");
  }
  return *record;
}

Result<Graveyard> ReadGraveyard(const store::ReadTxn& txn, Sequence newest) {
  const auto meta = txn.FindMeta(kGraveyardMeta);
  if (!meta || meta->size() != kGraveyardMetaBytes) {
    return Damaged("the graveyard's place is missing or malformed");
  }
  const Graveyard graveyard{Sequence(GetBE<uint64_t>(meta->data())),
                            GetBE<uint64_t>(meta->data() + 8), GetBE<uint64_t>(meta->data() + 16)};
  if (Sequence(GetBE<uint64_t>(meta->data() + 24)) != newest || graveyard.record > newest) {
    return Damaged("the graveyard's place is not that of the newest record");
  }
  return graveyard;
}

}  // namespace

Result<LedgerIdentity> IdentityOf(ByteView header, const crypto::VolumeSecrets& secrets) {
  auto info = crypto::ParseHeader(header);
  if (!info) return std::move(info).error();
  return LedgerIdentity{info->volume_id, info->genesis_link, crypto::Sha256(header),
                        info->previous_header, crypto::Ed25519PublicKey(secrets.signing_seed)};
}

GraveyardMeta EncodeGraveyard(const Graveyard& graveyard, Sequence newest) {
  GraveyardMeta meta;
  PutBE(meta.data(), graveyard.record.value);
  PutBE(meta.data() + 8, graveyard.index);
  PutBE(meta.data() + 16, graveyard.bytes);
  PutBE(meta.data() + 24, newest.value);
  return meta;
}

Result<ChainHead> ReadChainHead(const store::ReadTxn& txn, const LedgerIdentity& identity) {
  auto head = ReadChainHead(txn, identity, StoredTiles(txn), Graveyard{});
  if (!head) return head;
  auto graveyard = ReadGraveyard(txn, head->newest);
  if (!graveyard) return std::move(graveyard).error();
  head->graveyard = *graveyard;
  return head;
}

Result<ChainHead> ReadChainHead(const store::ReadTxn& txn, const LedgerIdentity& identity,
                                const ledger::TileFetcher& tiles, const Graveyard& graveyard) {
  ChainHead head;
  auto checkpoint = ReadCheckpoint(txn, identity, head);
  if (!checkpoint) return std::move(checkpoint).error();
  const auto newest = txn.NewestRecord();
  if (!newest || newest->value == 0) return Damaged("the vault holds no filesystem");
  if (checkpoint->size != newest->value + 1) {
    return Damaged("the ledger's signed head covers " + std::to_string(checkpoint->size) +
                   " records, but the vault has " + std::to_string(newest->value + 1));
  }
  auto edge = ledger::TreeEdge::Load(checkpoint->size, tiles);
  if (!edge || edge->Root() != checkpoint->root) {
    return Damaged("the ledger's records or tiles are not those of its signed head");
  }
  auto record = ReadNewest(txn, *checkpoint, tiles, &head.link);
  if (!record) return std::move(record).error();
  if (record->volume_id != identity.volume_id) {
    return Damaged("the header and the database belong to different volumes");
  }
  if (record->header_digest != identity.header &&
      record->header_digest != identity.previous_header) {
    return Error{ErrorCode::kBadHeader,
                 "the header is not the one that the newest record names: an older header, "
                 "perhaps with a key slot since removed, has been put back"};
  }
  const auto genesis = txn.FindRecord(Sequence(0));
  if (!genesis || ledger::LinkOf(*genesis) != identity.genesis_link) {
    return Damaged("the ledger does not begin with the genesis that the header names");
  }
  crypto::FillRandom(head.session);
  head.header_digest = identity.header;
  head.newest = *newest;
  head.root = record->root;
  head.next_id = record->next_id;
  head.live_objects = record->live_objects;
  head.live_bytes = record->live_bytes;
  head.time_ns = record->time_ns;
  head.edge = *std::move(edge);
  head.graveyard = graveyard;
  return head;
}

ledger::Checkpoint CheckpointOf(const ChainHead& head) {
  return {ledger::EncodeOrigin(head.origin), head.edge.size(), head.edge.Root()};
}

}  // namespace chainfs::fs

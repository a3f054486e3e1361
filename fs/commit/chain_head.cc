// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/chain_head.h"

#include "crypto/base/byte_order.h"
#include "crypto/random.h"

namespace chainfs::fs {
namespace {

Error Damaged(const std::string& what) {
  return {ErrorCode::kDamaged, what + "; restore the vault from a backup"};
}

// The newest record, decoded and linked to the one before it.
Result<ledger::Record> ReadLinked(const store::ReadTxn& txn, Sequence newest, Digest* link) {
  const std::string name = "record " + std::to_string(newest.value);
  auto encoded = txn.FindRecord(newest);
  if (!encoded) return Damaged(name + " is missing");
  auto record = ledger::DecodeRecord(*encoded);
  if (!record || record->sequence != newest) return Damaged(name + " is malformed");
  *link = ledger::LinkOf(*encoded);
  if (newest.value == 0) return *record;
  auto before = txn.FindRecord(Sequence(newest.value - 1));
  if (!before || ledger::LinkOf(*before) != record->previous_link) {
    return Damaged(name + " does not continue the record before it");
  }
  return *record;
}

Result<Graveyard> FindGraveyard(const store::ReadTxn& txn, Sequence newest) {
  Graveyard graveyard;
  uint64_t counted = 0;  // the deaths of the records up to this one are in graveyard.bytes
  if (auto meta = txn.FindMeta(kGraveyardMeta)) {
    if (meta->size() != kGraveyardMetaBytes) return Damaged("the graveyard's place is malformed");
    graveyard.record = Sequence(GetBE<uint64_t>(meta->data()));
    graveyard.index = GetBE<uint64_t>(meta->data() + 8);
    graveyard.bytes = GetBE<uint64_t>(meta->data() + 16);
    counted = GetBE<uint64_t>(meta->data() + 24);
    if (graveyard.record > newest || counted > newest.value) {
      return Damaged("the graveyard lies in records that are missing");
    }
  }
  for (uint64_t n = counted + 1; n <= newest.value; ++n) {
    auto encoded = txn.FindLists(Sequence(n));
    auto lists = encoded ? ledger::DecodeLists(*encoded) : std::nullopt;
    if (!lists) return Damaged("the lists of record " + std::to_string(n) + " are damaged");
    for (const ledger::Death& death : lists->deaths) graveyard.bytes += death.sealed_bytes;
  }
  return graveyard;
}

}  // namespace

GraveyardMeta EncodeGraveyard(const Graveyard& graveyard, Sequence newest) {
  GraveyardMeta meta;
  PutBE(meta.data(), graveyard.record.value);
  PutBE(meta.data() + 8, graveyard.index);
  PutBE(meta.data() + 16, graveyard.bytes);
  PutBE(meta.data() + 24, newest.value);
  return meta;
}

Result<ChainHead> ReadChainHead(const store::Store& store, const VolumeId& volume_id,
                                const Digest& header_digest, const Digest& previous_header) {
  auto txn = store.BeginRead();
  if (!txn) return std::move(txn).error();
  const auto newest = txn->NewestRecord();
  if (!newest || newest->value == 0) return Damaged("the vault holds no filesystem");
  ChainHead head;
  auto record = ReadLinked(*txn, *newest, &head.link);
  if (!record) return std::move(record).error();
  if (record->volume_id != volume_id) {
    return Error{ErrorCode::kDamaged, "the header and the database belong to different volumes"};
  }
  if (record->header_digest != header_digest && record->header_digest != previous_header) {
    return Error{ErrorCode::kBadHeader,
                 "the header is not the one that the newest record names: an older header, "
                 "perhaps with a key slot since removed, has been put back"};
  }
  head.volume_id = volume_id;
  crypto::FillRandom(head.session);
  head.header_digest = header_digest;
  head.newest = *newest;
  head.root = record->root;
  head.next_id = record->next_id;
  head.live_objects = record->live_objects;
  head.live_bytes = record->live_bytes;
  head.time_ns = record->time_ns;
  auto graveyard = FindGraveyard(*txn, *newest);
  if (!graveyard) return std::move(graveyard).error();
  head.graveyard = *graveyard;
  return head;
}

}  // namespace chainfs::fs

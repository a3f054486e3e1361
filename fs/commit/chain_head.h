// SPDX-License-Identifier: GPL-3.0-or-later
// Where the ledger's chain stands: what the next record continues, read from the store and
// verified. Plain values; ReadChainHead is as thread-safe as the store.
#pragma once

#include <array>
#include <string>

#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "crypto/header.h"
#include "crypto/signature.h"
#include "fs/store/store.h"
#include "ledger/checkpoint.h"
#include "ledger/commit_lists.h"
#include "ledger/origin.h"
#include "ledger/record.h"
#include "ledger/tree_edge.h"

namespace chainfs::fs {

// The dead objects that are still in the store: the death lists of the records from `record` on,
// the first of them from `index` on.
struct Graveyard {
  Sequence record;
  uint64_t index = 0;
  uint64_t bytes = 0;  // sealed sizes, added up
};

struct ChainHead {
  ledger::Origin origin;  // volume and branch
  ledger::SessionId session{};
  Digest header_digest{};  // of the header that the records of this session carry
  Sequence newest;
  Digest link{};  // of the newest record
  Pointer root;
  ObjectId next_id;
  uint64_t live_objects = 0, live_bytes = 0;
  uint64_t time_ns = 0;  // of the newest record; the next one is not older
  Graveyard graveyard;
  ledger::TreeEdge edge;   // of the tree of all records
  std::string checkpoint;  // the signed note of that tree
};

// What a header that has been unlocked says about the ledger that belongs to it.
struct LedgerIdentity {
  VolumeId volume_id{};
  Digest genesis_link{};
  Digest header{}, previous_header{};  // SHA-256 of it, and of the one that it replaced
  crypto::PublicKey key{};             // the ledger's
};

// REQUIRES: `secrets` come from this header.
Result<LedgerIdentity> IdentityOf(ByteView header, const crypto::VolumeSecrets& secrets);

// The store's meta value that says where the graveyard begins, and how large it was: record u64,
// index u64, bytes u64, and the record that it was written with u64, which is the newest one; all
// big-endian. Written with each record after genesis, so that mount reads no lists.
constexpr char kGraveyardMeta[] = "graveyard";
constexpr size_t kGraveyardMetaBytes = 32;
using GraveyardMeta = std::array<uint8_t, kGraveyardMetaBytes>;
GraveyardMeta EncodeGraveyard(const Graveyard& graveyard, Sequence newest);

// The head, verified in this order: the checkpoint's signature; that it covers exactly the records
// that are there; that the tree as stored has its root; that the newest record is in it, continues
// the one before it, and names the header or the one that the header replaced; that genesis is the
// header's. O(log n). Whether the head is the newest there ever was, only an anchor can tell.
// kDamaged (with a message); kBadHeader: an older header has been put back.
Result<ChainHead> ReadChainHead(const store::ReadTxn& txn, const LedgerIdentity& identity);
// The same for a repair, which has found some of what is derived from the records to be damaged:
// with these tiles, and this graveyard, in place of the store's.
Result<ChainHead> ReadChainHead(const store::ReadTxn& txn, const LedgerIdentity& identity,
                                const ledger::TileFetcher& tiles, const Graveyard& graveyard);

// The checkpoint of a head. `head` has been verified, or is what was just committed.
ledger::Checkpoint CheckpointOf(const ChainHead& head);

}  // namespace chainfs::fs

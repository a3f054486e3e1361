// SPDX-License-Identifier: GPL-3.0-or-later
// Where the ledger's chain stands: what the next record continues. A plain value.
#pragma once

#include <array>

#include "crypto/base/result.h"
#include "crypto/base/types.h"
#include "fs/store/store.h"
#include "ledger/commit_lists.h"
#include "ledger/record.h"

namespace chainfs::fs {

// The dead objects that are still in the store: the death lists of the records from `record` on,
// the first of them from `index` on.
struct Graveyard {
  Sequence record;
  uint64_t index = 0;
  uint64_t bytes = 0;  // sealed sizes, added up
};

struct ChainHead {
  VolumeId volume_id{};
  ledger::SessionId session{};
  Digest header_digest{};  // of the header that the records of this session carry
  Sequence newest;
  Digest link{};  // of the newest record
  Pointer root;
  ObjectId next_id;
  uint64_t live_objects = 0, live_bytes = 0;
  uint64_t time_ns = 0;  // of the newest record; the next one is not older
  Graveyard graveyard;
};

// The store's meta value that says where the graveyard begins, and how large it was: record u64,
// index u64, bytes u64, and the newest record at that time u64, big-endian. Written in the
// transaction of each commit that reaps, so that mount has few lists to read.
constexpr char kGraveyardMeta[] = "graveyard";
constexpr size_t kGraveyardMetaBytes = 32;
using GraveyardMeta = std::array<uint8_t, kGraveyardMetaBytes>;
GraveyardMeta EncodeGraveyard(const Graveyard& graveyard, Sequence newest);

// The head as the store has it, checked as far as that goes without signatures: the newest records
// decode, are of this volume and linked, and name `header` or the header that it replaced.
// kDamaged (with a message); kBadHeader: an older header has been put back.
Result<ChainHead> ReadChainHead(const store::Store& store, const VolumeId& volume_id,
                                const Digest& header_digest, const Digest& previous_header);

}  // namespace chainfs::fs

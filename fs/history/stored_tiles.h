// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger's Merkle tree as the store holds it: tiles, and where a tile of level 0 is not full
// yet, the newest records in its place (docs/format-ledger.md).
#pragma once

#include "fs/store/store.h"
#include "ledger/tile.h"

namespace chainfs::fs {

// Reads tiles from `txn`, which must outlive what is returned. They are only as good as the store:
// what is made of them has to be compared with a root, or verified as a proof.
// As thread-safe as the transaction.
ledger::TileFetcher StoredTiles(const store::ReadTxn& txn);

// The store's meta value that holds the newest signed checkpoint, a note.
constexpr char kCheckpointMeta[] = "checkpoint";
constexpr size_t kMaxCheckpointBytes = 4096;

}  // namespace chainfs::fs

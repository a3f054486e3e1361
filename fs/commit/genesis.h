// SPDX-License-Identifier: GPL-3.0-or-later
// The first record of a new ledger. One thread at a time.
#pragma once

#include "crypto/header.h"
#include "fs/commit/chain_head.h"
#include "fs/store/store.h"

namespace chainfs::fs {

// Encoded. `now_ns`: realtime.
Bytes MakeGenesis(const crypto::NewVolume& volume, uint64_t now_ns);

// Puts it into an empty store, with the signed checkpoint of a ledger of one record, and gives the
// head that the next record continues (without a header's digest). Errors: the store's.
Result<ChainHead> StoreGenesis(store::Store& store, ByteView genesis,
                               const crypto::SecretKey& seed);

}  // namespace chainfs::fs

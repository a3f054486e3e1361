// SPDX-License-Identifier: GPL-3.0-or-later
// Which blocks of a piece are damaged: each is a chunk of its object, with a seal of its own.
#pragma once

#include "crypto/sealing.h"
#include "fs/file/extent_codec.h"
#include "fs/store/store.h"

namespace chainfs::fs {

// The live blocks that cannot be opened; all of them if the object is missing or has another
// length. Opens block after block: for after a damage was met. Fails if the store cannot be read.
// Thread-safe, a transaction each.
Result<BlockMask> DamagedBlocks(const store::ReadTxn& txn, const crypto::ObjectSealer& sealer,
                                const PieceRef& ref);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger as a vault presents it to somebody who has no key: its signed head, under the public
// key in its own genesis record, and the records that this head covers. Whether that key is the
// volume's, only an anchor, a vkey or the unlocked header can tell.
#pragma once

#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "fs/store/store.h"
#include "ledger/checkpoint.h"
#include "ledger/record.h"
#include "ledger/verifier_key.h"

namespace chainfs::fs {

struct StoredHead {
  std::string note;  // the signed checkpoint, as it is stored
  ledger::Checkpoint checkpoint;
  ledger::VerifierKey key;  // the checkpoint's origin, and the key in genesis
  Digest genesis_link{};
};

// kDamaged: there is no checkpoint or no genesis; they are malformed, or of different volumes; the
// signature is not by the key in genesis. Nothing else is looked at: two reads.
// As thread-safe as the transaction.
Result<StoredHead> ReadStoredHead(const store::ReadTxn& txn);

// A record, and the proof that it is the ledger's.
struct ProvenEntry {
  Bytes encoded;
  ledger::Record record;
  Digest link{};
  std::vector<Digest> inclusion;
};

// kNotFound: the head does not cover so many; kDamaged: the record is missing, malformed, or not
// the one in the tree of `head`. O(log n). As thread-safe as the transaction.
Result<ProvenEntry> ReadProvenEntry(const store::ReadTxn& txn, const ledger::Checkpoint& head,
                                    Sequence sequence);

}  // namespace chainfs::fs

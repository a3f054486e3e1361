// SPDX-License-Identifier: GPL-3.0-or-later
// From a pointer to the plaintext: finds the sealed blob in the store and opens it. Thread-safe, as
// long as each thread has its own transaction.
#pragma once

#include "crypto/sealing.h"
#include "fs/store/store.h"

namespace chainfs::fs {

// Opens the plaintext's bytes from `begin` on into `out`, reading no more of the blob than it
// takes. kNotFound: no such object; kDamaged: it is not authentic, or of another length; kIo: the
// disk; kWouldWait: see ReadTxn::ReadObject. REQUIRES: begin + out.size() <= pointer.length_bytes;
// out is empty only if the object is; the length was bounded by the caller, since a part of the
// blob is kept in memory.
Result<void> OpenObjectPart(const store::ReadTxn& txn, const crypto::ObjectSealer& sealer,
                            ObjectType type, const Pointer& pointer, size_t begin,
                            MutableByteView out, store::DiskRange* missing = nullptr);

// The whole. REQUIRES: out.size() == pointer.length_bytes.
inline Result<void> OpenObject(const store::ReadTxn& txn, const crypto::ObjectSealer& sealer,
                               ObjectType type, const Pointer& pointer, MutableByteView out) {
  return OpenObjectPart(txn, sealer, type, pointer, 0, out);
}

}  // namespace chainfs::fs

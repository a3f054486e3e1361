// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/open_object.h"

#include <algorithm>
#include <cassert>

namespace chainfs::fs {

Result<void> OpenObjectPart(const store::ReadTxn& txn, const crypto::ObjectSealer& sealer,
                            ObjectType type, const Pointer& pointer, size_t begin,
                            MutableByteView out, store::DiskRange* missing) {
  assert(begin + out.size() <= pointer.length_bytes);
  thread_local Bytes sealed;  // kept: at most one largest object for each thread
  const size_t first = begin / kChunkBytes;
  const size_t end = first + ChunkCount(begin % kChunkBytes + out.size());
  const size_t sealed_begin = first * kSealedChunkBytes;
  const size_t sealed_end = std::min(end * kSealedChunkBytes, SealedBytes(pointer.length_bytes));
  if (sealed.size() < sealed_end - sealed_begin) sealed.resize(sealed_end - sealed_begin);
  const MutableByteView chunks(sealed.data(), sealed_end - sealed_begin);
  const size_t blob_bytes = SealedBytes(pointer.length_bytes);
  auto read = txn.ReadObject(pointer.id, blob_bytes, sealed_begin, chunks, missing);
  if (!read) return read;
  const bool genuine = sealer.OpenChunks(type, pointer, chunks, begin, out);
  return genuine ? Result<void>() : ErrorCode::kDamaged;
}

}  // namespace chainfs::fs

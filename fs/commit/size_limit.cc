// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/commit/size_limit.h"

#include "crypto/base/types.h"

namespace chainfs::fs {
namespace {

uint64_t SealedSize(uint64_t data_bytes) {
  return data_bytes + data_bytes / kChunkBytes * kTagBytes;
}

}  // namespace

bool SizeLimit::HasRoomFor(uint64_t data_bytes, bool promised) const {
  const uint64_t limit = limit_.load();
  if (limit == kNone) return true;
  const uint64_t kept = kReserve + (promised ? 0 : SealedSize(promised_.load()));
  return InTree() + kept <= limit && SealedSize(data_bytes) <= limit - InTree() - kept;
}

uint64_t SizeLimit::FreeForData() const {
  const uint64_t taken = InTree() + SealedSize(promised_.load()) + kReserve;
  const uint64_t limit = limit_.load();
  return taken < limit ? (limit - taken) / kSealedChunkBytes * kChunkBytes : 0;
}

}  // namespace chainfs::fs

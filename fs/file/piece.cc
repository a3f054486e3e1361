// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/piece.h"

#include <cassert>

namespace chainfs::fs {

uint32_t Piece::PlaintextBytes() const {
  assert(stored_ != 0);
  const size_t last = 31 - static_cast<size_t>(std::countl_zero(stored_));
  return static_cast<uint32_t>((CountBlocks(stored_) - 1) * kBlockBytes + blocks_[last].bytes);
}

void Piece::Gather(std::vector<ByteView>& parts, Bytes&) const {
  for (size_t i = 0; i < kRegionBlocks; ++i) {
    if ((stored_ & BlockBit(i)) == 0) continue;
    const bool last = (stored_ >> i) == 1;
    const size_t bytes = last ? blocks_[i].bytes : kBlockBytes;
    const uint8_t* data = blocks_[i].data.get();
    if (!parts.empty() && parts.back().data() + parts.back().size() == data) {
      parts.back() = {parts.back().data(), parts.back().size() + bytes};
    } else {
      parts.emplace_back(data, bytes);
    }
  }
}

}  // namespace chainfs::fs

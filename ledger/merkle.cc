// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/merkle.h"

#include "crypto/sha256.h"

namespace chainfs::ledger {
namespace {

constexpr uint8_t kLeafPrefix[] = {0};
constexpr uint8_t kNodePrefix[] = {1};

}  // namespace

Digest LeafHash(ByteView data) { return crypto::Sha256({ByteView(kLeafPrefix), data}); }

Digest NodeHash(const Digest& left, const Digest& right) {
  return crypto::Sha256({ByteView(kNodePrefix), ByteView(left), ByteView(right)});
}

void MerkleHasher::Append(const Digest& leaf_hash) {
  Digest peak = leaf_hash;
  // Like a carry in binary addition: every complete pair becomes its parent.
  for (uint64_t bits = count_; bits & 1; bits >>= 1) {
    peak = NodeHash(peaks_.back(), peak);
    peaks_.pop_back();
  }
  peaks_.push_back(peak);
  ++count_;
}

Digest MerkleHasher::Root() const {
  if (peaks_.empty()) return crypto::Sha256(ByteView());
  Digest root = peaks_.back();
  for (size_t i = peaks_.size() - 1; i-- > 0;) root = NodeHash(peaks_[i], root);
  return root;
}

}  // namespace chainfs::ledger

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/object_judge.h"

#include <algorithm>
#include <stdexcept>

#include "fs/file/piece_damage.h"
#include "fs/name/xattr_store.h"
#include "fs/open_object.h"

namespace chainfs::fs::repair {
namespace {

bool Open(const Core& core, ObjectType type, const Pointer& pointer, Bytes& plaintext) {
  const size_t most = type == ObjectType::kData ? kRegionBytes : kMaxXattrBytes;
  if (pointer.length_bytes > most) return false;
  auto txn = core.store->BeginRead();
  plaintext.resize(pointer.length_bytes);
  return txn && OpenObject(*txn, core.sealer, type, pointer, plaintext).has_value();
}

}  // namespace

uint32_t CopiedPiece::PlaintextBytes() const {
  const BlockMask last = BlockBit(31 - static_cast<size_t>(std::countl_zero(from_.stored)));
  const size_t missing = CountBlocks(from_.stored) * kBlockBytes - from_.pointer.length_bytes;
  return static_cast<uint32_t>(CountBlocks(blocks_) * kBlockBytes -
                               ((blocks_ & last) != 0 ? missing : 0));
}

void CopiedPiece::Gather(std::vector<ByteView>& parts, Bytes& scratch) const {
  auto txn = core_.store->BeginRead();
  scratch.resize(PlaintextBytes());
  MutableByteView rest = scratch;
  bool all = txn.has_value();
  for (BlockMask left = blocks_; all && left != 0; left &= left - 1) {
    const size_t at = PlaceInPiece(from_, static_cast<size_t>(std::countr_zero(left)));
    const MutableByteView block = rest.first(std::min(rest.size(), kBlockBytes));
    all =
        OpenObjectPart(*txn, core_.sealer, ObjectType::kData, from_.pointer, at, block).has_value();
    rest = rest.subspan(block.size());
  }
  if (!all) throw std::runtime_error("an object changed while the vault was being repaired");
  parts.push_back(scratch);
}

BlockMask ObjectJudge::BlocksToKeep(const PieceRef& ref) const {
  auto txn = core_.store->BeginRead();
  if (!txn) return 0;
  const BlockMask damaged = DamagedBlocks(*txn, core_.sealer, ref);
  return damaged == 0 ? 0 : ref.live & ~damaged;
}

ObjectJudge::Judgement ObjectJudge::Judge(ObjectType type, const Pointer& pointer,
                                          Bytes& plaintext) {
  if (inventory_.HasFault(pointer.id)) return Judgement::kUnreadable;
  if (!Open(core_, type, pointer, plaintext)) return Judgement::kUnreadable;
  const bool first = referred_.Insert(pointer.id);
  return first && facts_.IsLive(pointer.id) ? Judgement::kSound : Judgement::kToCopy;
}

}  // namespace chainfs::fs::repair

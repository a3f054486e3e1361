// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/object_judge.h"

#include <algorithm>
#include <stdexcept>

#include "fs/file/piece_damage.h"
#include "fs/name/xattr_store.h"
#include "fs/open_object.h"

namespace chainfs::fs::repair {
namespace {

// Whether it is there and authentic. Fails if the store cannot be read.
Result<bool> Opens(const Core& core, ObjectType type, const Pointer& pointer, Bytes& plaintext) {
  const size_t most = type == ObjectType::kData ? kRegionBytes : kMaxXattrBytes;
  if (pointer.length_bytes > most) return false;
  auto txn = core.store->BeginRead();
  if (!txn) return std::move(txn).error();
  plaintext.resize(pointer.length_bytes);
  const auto opened = OpenObject(*txn, core.sealer, type, pointer, plaintext);
  if (opened) return true;
  const ErrorCode code = opened.error().code;
  if (code == ErrorCode::kNotFound || code == ErrorCode::kDamaged) return false;
  return opened.error();
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
  if (!all) throw std::runtime_error("an object cannot be read any more, or has changed meanwhile");
  parts.push_back(scratch);
}

Result<BlockMask> ObjectJudge::BlocksToKeep(const PieceRef& ref) const {
  Bytes plaintext;
  auto whole = Opens(core_, ObjectType::kData, ref.pointer, plaintext);
  if (!whole) return std::move(whole).error();
  if (*whole) return BlockMask{0};
  auto txn = core_.store->BeginRead();
  if (!txn) return std::move(txn).error();
  auto damaged = DamagedBlocks(*txn, core_.sealer, ref);
  if (!damaged) return std::move(damaged).error();
  return ref.live & ~*damaged;
}

Result<ObjectJudge::Judgement> ObjectJudge::Judge(ObjectType type, const Pointer& pointer,
                                                  Bytes& plaintext) {
  if (inventory_.HasFault(pointer.id)) return Judgement::kUnreadable;
  auto opens = Opens(core_, type, pointer, plaintext);
  if (!opens) return std::move(opens).error();
  if (!*opens) return Judgement::kUnreadable;
  const bool first = referred_.Insert(pointer.id);
  return first && facts_.IsLive(pointer.id) ? Judgement::kSound : Judgement::kToCopy;
}

}  // namespace chainfs::fs::repair

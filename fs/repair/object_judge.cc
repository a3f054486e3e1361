// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/object_judge.h"

#include <stdexcept>

#include "fs/name/xattr_store.h"

namespace chainfs::fs::repair {
namespace {

bool Open(const Core& core, ObjectType type, const Pointer& pointer, Bytes& plaintext) {
  const size_t most = type == ObjectType::kData ? kRegionBytes : kMaxXattrBytes;
  if (pointer.length_bytes > most) return false;
  auto txn = core.store->BeginRead();
  const auto sealed = txn ? txn->FindObject(pointer.id) : std::nullopt;
  plaintext.resize(pointer.length_bytes);
  return sealed && core.sealer.Open(type, pointer, *sealed, plaintext);
}

}  // namespace

void CopiedPiece::Gather(std::vector<ByteView>& parts, Bytes& scratch) const {
  if (!Open(core_, ObjectType::kData, from_, scratch)) {
    throw std::runtime_error("an object changed while the vault was being repaired");
  }
  parts.push_back(scratch);
}

ObjectJudge::Judgement ObjectJudge::Judge(ObjectType type, const Pointer& pointer,
                                          Bytes& plaintext) {
  if (inventory_.HasFault(pointer.id)) return Judgement::kUnreadable;
  if (!Open(core_, type, pointer, plaintext)) return Judgement::kUnreadable;
  const bool first = referred_.Insert(pointer.id);
  return first && facts_.IsLive(pointer.id) ? Judgement::kSound : Judgement::kToCopy;
}

}  // namespace chainfs::fs::repair

// SPDX-License-Identifier: GPL-3.0-or-later
// Decides about the objects that items refer to: pieces of files and values of xattrs. One thread.
#pragma once

#include "fs/core.h"
#include "fs/file/extent_codec.h"
#include "fs/repair/inventory.h"

namespace chainfs::fs::repair {

// A piece that is born again under a new id: blocks of an object that has died, that something else
// refers to, or whose other blocks are damaged. Its plaintext is read when it is sealed.
class CopiedPiece final : public PendingObject {
 public:
  // REQUIRES: `core` outlives it; the stored blocks `blocks` of `from` open.
  CopiedPiece(ObjectId id, uint64_t generation, const Core& core, const PieceRef& from,
              BlockMask blocks)
      : PendingObject(ObjectType::kData, id, generation),
        core_(core),
        from_(from),
        blocks_(blocks) {}
  uint32_t PlaintextBytes() const override;
  // Throws if the object has been taken away meanwhile: the caller holds the vault's lock.
  void Gather(std::vector<ByteView>& parts, Bytes& scratch) const override;

 private:
  const Core& core_;
  const PieceRef from_;
  const BlockMask blocks_;
};

class ObjectJudge {
 public:
  ObjectJudge(const Core& core, const LedgerFacts& facts, const Inventory& inventory)
      : core_(core), facts_(facts), inventory_(inventory) {}

  enum class Judgement {
    kSound,
    kUnreadable,  // missing, or not what was sealed under this pointer
    kToCopy,      // it opens, but is not this referrer's in the newest tree
  };
  // `plaintext` receives what was opened. Each referrer asks once. Fails if the store cannot be
  // read: what a disk does not give today is no reason to give it up.
  Result<Judgement> Judge(ObjectType type, const Pointer& pointer, Bytes& plaintext);
  // Of a piece that was judged unreadable: its live blocks that open all the same. None if the
  // whole object does: what is not the ledger's and yet authentic was put there by a holder of the
  // key. Fails as Judge does.
  Result<BlockMask> BlocksToKeep(const PieceRef& ref) const;

 private:
  const Core& core_;
  const LedgerFacts& facts_;
  const Inventory& inventory_;
  IdSet referred_;
};

}  // namespace chainfs::fs::repair

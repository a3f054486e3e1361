// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/orphan_check.h"

#include "crypto/base/byte_order.h"
#include "fs/inode_access.h"

namespace chainfs::fs::check {
namespace {

constexpr InodeNumber kNoInode{0};

}  // namespace

bool OrphanCheck::AdvanceTo(InodeNumber number) {
  if (!begun_) {
    begun_ = true;
    auto cursor = run_.tree.Seek(OrphanKey(kNoInode));
    if (cursor) cursor_ = std::move(*cursor);
  }
  while (cursor_ && cursor_->IsAt(kNoInode, ItemKind::kOrphan)) {
    const InodeNumber at(cursor_->key().offset);
    if (at >= number) return true;
    if (at.value >= expected_from_) ReportStray(at);
    if (auto next = cursor_->Next(); !next) cursor_.reset();
  }
  return false;
}

void OrphanCheck::ReportStray(InodeNumber number) {
  if (run_.lost.Covers(Key(number, ItemKind::kInode, 0))) return;
  run_.findings.Add(FindingKind::kBadItem, number, "an ORPHAN item is about no inode");
}

void OrphanCheck::OnInode(InodeNumber number, const InodeItem& inode) {
  const bool at_item = AdvanceTo(number) && cursor_->key().offset == number.value;
  expected_from_ = number.value + 1;
  if (!at_item) {
    if (inode.nlink == 0 && cursor_) {
      run_.findings.Add(FindingKind::kUnnamedInode, number,
                        "has no name, and is not marked for removal");
    }
    if (inode.nlink > 0 && (inode.flags & kShrinking) != 0 && cursor_) {
      run_.findings.Add(FindingKind::kBadItem, number,
                        "has not been cut off to its end, and is not marked for it");
    }
    return;
  }
  const ByteView value = cursor_->value();
  const bool fits = inode.nlink == 0
                        ? value.empty()
                        : value.size() == 8 && GetBE<uint64_t>(value.data()) == inode.size &&
                              (inode.flags & kShrinking) != 0;
  if (!fits) {
    run_.findings.Add(FindingKind::kBadItem, number, "its ORPHAN item does not fit it");
  }
}

void OrphanCheck::Finish() {
  if (AdvanceTo(InodeNumber(UINT64_MAX))) ReportStray(InodeNumber(UINT64_MAX));
}

}  // namespace chainfs::fs::check

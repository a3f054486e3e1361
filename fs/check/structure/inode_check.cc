// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/inode_check.h"

#include <algorithm>

#include "fs/name/symlink_target.h"
#include "fs/settings.h"

namespace chainfs::fs::check {
namespace {

// What of an inode has been lost with a part of its items.
std::string LostPartOf(const InodeItem& inode, const KeyRange& part) {
  if (part.from.kind == ItemKind::kExtent && inode.is_regular()) return "its content";
  if (part.from.kind <= ItemKind::kDirIndex && inode.is_directory()) return "some of its entries";
  if (part.from.kind == ItemKind::kReserved) return "some of its reservations";
  const bool has_data = inode.is_regular() && (inode.flags & kInlineData) == 0;
  return has_data ? "its content, and extended attributes" : "some of its extended attributes";
}

}  // namespace

InodeCheck::InodeCheck(StructureRun& run)
    : run_(run), directory_(run), file_(run), xattrs_(run), orphans_(run), loops_(run) {}

InodeCheck::Referred InodeCheck::OnItem(const Key& key, ByteView value) {
  const InodeNumber number(key.inode);
  if (key.inode == 0) {
    // The orphans are looked at beside their inodes.
    if (key.kind == ItemKind::kSetting) {
      if (!IsSoundSetting(key, value)) {
        run_.findings.Add(MakeFinding(FindingKind::kBadItem, "a SETTING item is malformed"));
      }
    } else if (key.kind != ItemKind::kOrphan) {
      run_.findings.Add(MakeFinding(FindingKind::kBadItem, "an item belongs to no inode"));
    }
    return {};
  }
  if (number != number_) {
    FinishInode();
    BeginInode(number);
  }
  if (key.kind == ItemKind::kInode) OnInodeItem(key, value);
  Referred referred;
  if (item_ && item_->is_regular()) referred.file_size = item_->size;
  switch (key.kind) {
    case ItemKind::kInode:
      break;
    case ItemKind::kDentry:
      directory_.OnDentries(key, value);
      break;
    case ItemKind::kDirIndex:
      if (const auto entry = DecodeDirIndex(value)) {
        directory_.OnIndex(key, *entry);
      } else {
        run_.findings.Add(FindingKind::kBadItem, number, "a DIRINDEX item is malformed");
      }
      break;
    case ItemKind::kXattr:
      referred.xattrs_are_sound = xattrs_.OnXattrs(key, value);
      break;
    case ItemKind::kExtent:
      referred.pieces = file_.OnExtent(key, value);
      break;
    case ItemKind::kReserved:
      file_.OnReserved(key, value);
      break;
    default:
      run_.findings.Add(FindingKind::kBadItem, number, "an item is of no kind that inodes have");
  }
  return referred;
}

void InodeCheck::OnInodeItem(const Key& key, ByteView value) {
  if (key.offset == 1) {
    tail_bytes_ = value.size();
    return;
  }
  item_ = key.offset == 0 ? DecodeInode(value) : std::nullopt;
  if (!item_) {
    malformed_ = true;
    return run_.findings.Add(FindingKind::kBadItem, number_, "an INODE item is malformed");
  }
  file_.Begin(number_, &*item_);
  xattrs_.Begin(number_, &*item_);
}

void InodeCheck::BeginInode(InodeNumber number) {
  number_ = number;
  item_.reset();
  malformed_ = false;
  tail_bytes_.reset();
  directory_.Begin(number);
  file_.Begin(number, nullptr);
  xattrs_.Begin(number, nullptr);
}

void InodeCheck::FinishInode() {
  if (number_.value == 0) return;
  highest_ = number_.value;
  const bool complete = ReportIfIncomplete();
  if (item_ || malformed_) ++inodes_;
  if (item_) {
    CheckInode(*item_, complete);
  } else if (!malformed_ && complete) {
    run_.findings.Add(FindingKind::kBadItem, number_, "there are items of an inode that is not");
  }
}

bool InodeCheck::ReportIfIncomplete() {
  const auto parts = run_.lost.Within(number_);
  if (!item_) return parts.empty();  // its names say that it is lost
  for (const KeyRange& part : parts) {
    Finding finding =
        MakeFinding(FindingKind::kUnreadableTree, LostPartOf(*item_, part) + " cannot be read");
    finding.inode = number_;
    const bool to_end = part.to.inode != number_.value || part.to.kind > ItemKind::kExtent;
    const uint64_t from = part.from.kind == ItemKind::kExtent ? part.from.offset * kRegionBytes : 0;
    const uint64_t to = to_end ? item_->size : part.to.offset * kRegionBytes;
    const bool has_data = item_->is_regular() && (item_->flags & kInlineData) == 0;
    const bool of_data =
        part.from.kind <= ItemKind::kExtent && (to_end || part.to.kind == ItemKind::kExtent);
    if (has_data && of_data && from < item_->size)
      finding.bytes = {from, std::min(to, item_->size)};
    run_.findings.Add(std::move(finding));
  }
  return parts.empty();
}

void InodeCheck::CheckInode(const InodeItem& inode, bool complete) {
  directory_.Finish(inode, complete);
  file_.Finish(inode, complete);
  xattrs_.Finish(inode, complete);
  if (complete) CheckTarget(inode);
  if (inode.is_directory()) loops_.OnDirectory(number_, inode);
  orphans_.OnInode(number_, inode);
}

void InodeCheck::CheckTarget(const InodeItem& inode) {
  if (!inode.is_symlink()) {
    if (tail_bytes_) {
      run_.findings.Add(FindingKind::kBadItem, number_, "is no symlink, but has a target");
    }
    return;
  }
  const size_t bytes = inode.inline_data.size() + tail_bytes_.value_or(0);
  if (bytes != inode.size || inode.size > kMaxTargetBytes) {
    run_.findings.Add(FindingKind::kBadSize, number_,
                      "the symlink's target should have " + std::to_string(inode.size) +
                          " bytes, but has " + std::to_string(bytes));
  }
}

void InodeCheck::Finish() {
  FinishInode();
  orphans_.Finish();
  if (run_.lost.empty()) CheckTotals();
}

void InodeCheck::CheckTotals() {
  const RootCounters counters = run_.tree.counters();
  const auto compare = [&](const char* what, uint64_t said, uint64_t found) {
    if (said == found) return;
    run_.findings.Add(MakeFinding(FindingKind::kBadCounter,
                                  std::string("the volume counts ") + std::to_string(said) + " " +
                                      what + ", but has " + std::to_string(found)));
  };
  compare("inodes", counters.inodes, inodes_);
  compare("blocks of data", counters.data_blocks, file_.all_blocks());
  compare("reserved bytes", counters.reserved_bytes, file_.all_reserved() * kBlockBytes);
  if (highest_ >= counters.next_inode) {
    run_.findings.Add(MakeFinding(FindingKind::kBadCounter,
                                  "the next inode will be " + std::to_string(counters.next_inode) +
                                      ", but there is an inode " + std::to_string(highest_)));
  }
}

}  // namespace chainfs::fs::check

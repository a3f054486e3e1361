// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/item_pass.h"

#include "fs/clock.h"
#include "fs/inode_access.h"
#include "fs/name/xattr_store.h"
#include "fs/settings.h"

namespace chainfs::fs::repair {
namespace {

constexpr uint32_t kTypeMask = 0170000, kTypeDirectory = 0040000, kTypeRegular = 0100000;

Key FirstKeyOf(InodeNumber number) { return Key(number, static_cast<ItemKind>(0), 0); }

}  // namespace

Result<void> ItemPass::Run() {
  bool root_is_done = false;
  for (InodeNumber next(0);;) {
    auto cursor = bench_.change.Seek(FirstKeyOf(next));
    if (!cursor) return std::move(cursor).error();
    const InodeNumber found(cursor->valid() ? cursor->key().inode : UINT64_MAX);
    // The root directory is there, whatever is lost.
    const InodeNumber number = found > kRootInode && !root_is_done ? kRootInode : found;
    if (number == kRootInode) root_is_done = true;
    if (!cursor->valid() && number != kRootInode) return {};
    Begin(number);
    auto walked = WalkItems(bench_.change, FirstKeyOf(number),
                            [&](const Key& key, ByteView value) -> Result<Step> {
                              if (key.inode != number_.value) return Step::kStop;
                              return OnItem(key, value);
                            });
    if (!walked) return walked;
    if (number.value != 0) {
      if (auto finished = FinishInode(); !finished) return finished;
    }
    if (number.value == UINT64_MAX) return {};
    next = InodeNumber(number.value + 1);
  }
}

void ItemPass::Begin(InodeNumber number) {
  number_ = number;
  item_.reset();
  encoded_.clear();
  tail_.reset();
  has_entries_ = false;
  file_.Begin(number, nullptr);
  xattrs_.Begin(number);
}

Result<Step> ItemPass::OnItem(const Key& key, ByteView value) {
  if (key.inode == 0) return OnSpecialItem(key, value);
  // Who has entries is a directory, even if that is all that is left of it.
  const bool is_directory = item_ ? item_->is_directory() : has_entries_;
  switch (key.kind) {
    case ItemKind::kInode:
      return OnInodeItem(key, value);
    case ItemKind::kDentry:
    case ItemKind::kDirIndex:
      return OnEntryItem(key, value);
    case ItemKind::kXattr:
      return xattrs_.OnXattrs(key, value);
    case ItemKind::kExtent:
      return is_directory ? Drop(key, value) : file_.OnExtent(key, value);
    case ItemKind::kReserved:
      return is_directory ? Drop(key, value) : file_.OnReserved(key, value);
    default:
      return Drop(key, value);
  }
}

Result<Step> ItemPass::OnInodeItem(const Key& key, ByteView value) {
  if (key.offset == 1 && item_ && item_->is_symlink()) {
    tail_.emplace(value.begin(), value.end());
    return Step::kNext;
  }
  auto inode = key.offset == 0 ? DecodeInode(value) : std::nullopt;
  const bool fits = inode && (number_ != kRootInode || inode->is_directory());
  if (!fits) return Drop(key, value);
  item_ = std::move(*inode);
  encoded_.assign(value.begin(), value.end());
  file_.Begin(number_, &*item_);
  return Step::kNext;
}

Result<Step> ItemPass::OnEntryItem(const Key& key, ByteView value) {
  if (item_ && !item_->is_directory()) return Drop(key, value);
  has_entries_ = true;
  return Step::kNext;
}

Result<Step> ItemPass::OnSpecialItem(const Key& key, ByteView value) {
  if (IsSoundSetting(key, value)) return Step::kNext;
  const bool sound = key.kind == ItemKind::kOrphan && (value.empty() || value.size() == 8);
  if (!sound) return Drop(key, value);
  bench_.orphans.emplace_back(key.offset, !value.empty());
  return Step::kNext;
}

Result<Step> ItemPass::Drop(const Key& key, ByteView value) {
  bench_.journal.Keep(key, value);
  bench_.journal.Add(Action::kRemoveItems, number_,
                     "an item that is malformed, or belongs to nothing: removed");
  if (auto erased = bench_.change.Erase(key); !erased) return std::move(erased).error();
  return Step::kChanged;
}

InodeItem ItemPass::MakeUp(uint32_t mode) {
  bench_.journal.Add(Action::kRepairInodes, number_,
                     "its attributes are lost: new ones are made up, and it belongs to root");
  InodeItem inode;
  inode.mode = mode;
  inode.nlink = inode.is_directory() ? 2 : 1;
  inode.generation = 1;
  inode.parent = inode.is_directory() ? kRootInode : InodeNumber(0);
  inode.atime = inode.mtime = inode.ctime = inode.btime = Now();
  return inode;
}

Result<std::optional<InodeItem>> ItemPass::SettleItem() {
  using Settled = std::optional<InodeItem>;
  if (item_ && item_->is_symlink()) {
    const size_t bytes = item_->inline_data.size() + (tail_ ? tail_->size() : 0);
    if (bytes == item_->size) return Settled(item_);
    if (auto removed = RemoveSymlink(*item_); !removed) return std::move(removed).error();
    return Settled();
  }
  if (item_) return Settled(item_);
  if (number_ == kRootInode) return Settled(MakeUp(kTypeDirectory | 0755));
  if (has_entries_) return Settled(MakeUp(kTypeDirectory | 0700));
  if (file_.any() || xattrs_.any()) return Settled(MakeUp(kTypeRegular | 0600));
  return Settled();
}

Result<void> ItemPass::RemoveSymlink(const InodeItem& inode) {
  bench_.journal.Add(Action::kRepairInodes, number_,
                     "a symlink that has lost a part of its target: removed");
  bench_.journal.Keep(Key(number_, ItemKind::kInode, 0), EncodeInode(inode));
  if (tail_) {
    const Key key(number_, ItemKind::kInode, 1);
    bench_.journal.Keep(key, *tail_);
    if (auto erased = bench_.change.Erase(key); !erased) return erased;
  }
  auto erased = EraseAllXattrs(bench_.change, number_, SIZE_MAX);
  if (!erased) return std::move(erased).error();
  return bench_.change.Erase(Key(number_, ItemKind::kInode, 0));
}

Result<void> ItemPass::FinishInode() {
  auto settled = SettleItem();
  if (!settled) return std::move(settled).error();
  if (!*settled) return {};
  InodeItem& inode = **settled;
  const bool made_up = encoded_.empty();
  if (inode.is_regular()) {
    if (auto finished = file_.Finish(inode, made_up); !finished) return finished;
  } else {
    inode.blocks = 0;
  }
  xattrs_.Finish(inode);
  const Bytes encoded = EncodeInode(inode);
  if (encoded != encoded_) {
    if (!made_up) {
      bench_.journal.Keep(Key(number_, ItemKind::kInode, 0), encoded_);
      bench_.journal.Add(Action::kRepairInodes, number_,
                         "what its inode says of its data and attributes did not fit them");
    }
    if (auto put = StoreInode(bench_.change, number_, inode); !put) return put;
  }
  InodeFacts facts;
  facts.number = number_;
  facts.type = inode.mode & kTypeMask;
  facts.nlink = inode.nlink;
  facts.has_entries = has_entries_;
  bench_.inodes.Append(facts);
  RootCounters& totals = bench_.totals;
  ++totals.inodes;
  totals.data_blocks += inode.blocks;
  totals.reserved_bytes += inode.is_regular() ? inode.reserved_blocks * kBlockBytes : 0;
  totals.next_inode = std::max(totals.next_inode, number_.value + 1);
  return {};
}

}  // namespace chainfs::fs::repair

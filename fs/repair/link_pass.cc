// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/link_pass.h"

#include "fs/clock.h"
#include "fs/inode_access.h"
#include "fs/name/dentry.h"
#include "fs/name/directory.h"

namespace chainfs::fs::repair {
namespace {

constexpr uint32_t kTypeDirectory = 0040000;

std::string With(const std::string& name, int attempt) {
  return attempt == 0 ? name : name + "." + std::to_string(attempt);
}

}  // namespace

Result<void> LinkPass::Run() {
  for (const auto& [number, has_target] : bench_.orphans) orphans_[number] = has_target;
  // By place: the table grows, behind, when lost+found is made.
  for (size_t i = 0; i < bench_.inodes.size(); ++i) {
    const InodeFacts facts = bench_.inodes[i];
    if (facts.names > 0 || facts.number == kRootInode || IsOrphan(facts)) continue;
    if (auto rescued = Rescue(facts.number); !rescued) return rescued;
  }
  for (size_t i = 0; i < bench_.inodes.size(); ++i) {
    if (auto settled = SettleLinks(bench_.inodes[i]); !settled) return settled;
  }
  if (auto removed = RemoveStrayOrphans(); !removed) return removed;
  SettleTotals();
  return {};
}

bool LinkPass::IsOrphan(const InodeFacts& inode) const {
  return inode.nlink == 0 && !inode.has_entries;
}

Result<void> LinkPass::Rescue(InodeNumber number) {
  if (lost_and_found_.value == 0) {
    if (auto found = FindLostAndFound(); !found) return found;
  }
  for (int attempt = 0;; ++attempt) {
    const std::string name = With("#" + std::to_string(number.value), attempt);
    auto entry = FindEntry(bench_.change.tree(), NameIn(bench_.core, lost_and_found_, name));
    if (entry) continue;
    if (entry.error().code != ErrorCode::kNotFound) return std::move(entry).error();
    bench_.journal.Add(Action::kMoveToLostAndFound, number,
                       "had no name any more, and has this one now");
    return AddEntry(lost_and_found_, name, number);
  }
}

Result<void> LinkPass::FindLostAndFound() {
  for (int attempt = 0;; ++attempt) {
    const std::string name = With("lost+found", attempt);
    auto entry = FindEntry(bench_.change.tree(), NameIn(bench_.core, kRootInode, name));
    if (!entry && entry.error().code == ErrorCode::kNotFound) return MakeLostAndFound(name);
    if (!entry) return std::move(entry).error();
    if (entry->target.type != kTypeDirectory) continue;
    lost_and_found_ = entry->target.inode;
    return {};
  }
}

Result<void> LinkPass::MakeLostAndFound(const std::string& name) {
  const InodeNumber number(bench_.totals.next_inode++);
  InodeItem inode;
  inode.mode = kTypeDirectory | 0700;
  inode.nlink = 2;
  inode.generation = 1;
  inode.parent = kRootInode;
  inode.atime = inode.mtime = inode.ctime = inode.btime = Now();
  if (auto put = StoreInode(bench_.change, number, inode); !put) return put;
  ++bench_.totals.inodes;
  InodeFacts facts;
  facts.number = number;
  facts.type = kTypeDirectory;
  facts.nlink = 2;
  bench_.inodes.Append(facts);
  lost_and_found_ = number;
  return AddEntry(kRootInode, name, number);
}

Result<void> LinkPass::AddEntry(InodeNumber directory, const std::string& name,
                                InodeNumber target) {
  auto inode = LoadInode(bench_.change, directory);
  if (!inode) return std::move(inode).error();
  InodeFacts* facts = bench_.inodes.Find(target);
  const Entry entry{{target, facts->type}, inode->next_entry_sequence++};
  auto inserted = InsertEntry(bench_.change, NameIn(bench_.core, directory, name), entry);
  if (!inserted) return inserted;
  ++facts->names;
  facts->named_in = directory;
  if (facts->is_directory()) ++bench_.inodes.Find(directory)->subdirectories;
  StampEntryChange(*inode, 1);
  return StoreInode(bench_.change, directory, *inode);
}

Result<void> LinkPass::SettleLinks(const InodeFacts& facts) {
  auto inode = LoadInode(bench_.change, facts.number);
  if (!inode) return std::move(inode).error();
  const bool named = facts.names > 0 || facts.number == kRootInode;
  const uint32_t nlink = !facts.is_directory() ? facts.names : named ? 2 + facts.subdirectories : 0;
  InodeNumber parent = inode->parent;
  if (facts.number == kRootInode) parent = kRootInode;
  if (facts.is_directory() && facts.names > 0) parent = facts.named_in;
  if (inode->nlink != nlink) {
    bench_.journal.Add(Action::kRepairInodes, facts.number,
                       "its link count was " + std::to_string(inode->nlink) + ", and is " +
                           std::to_string(nlink) + " now");
  }
  if (inode->parent != parent) {
    bench_.journal.Add(Action::kRepairInodes, facts.number,
                       "did not know which directory it is in");
  }
  if (inode->nlink != nlink || inode->parent != parent) {
    inode->nlink = nlink;
    inode->parent = parent;
    if (auto put = StoreInode(bench_.change, facts.number, *inode); !put) return put;
  }
  return SettleOrphan(facts.number, nlink, (inode->flags & kShrinking) != 0, inode->size);
}

Result<void> LinkPass::SettleOrphan(InodeNumber number, uint32_t nlink, bool shrinking,
                                    uint64_t size) {
  const auto item = orphans_.find(number);
  const bool wanted = nlink == 0 || shrinking, has_target = nlink > 0;
  uint8_t target[8];
  PutBE(target, size);
  const ByteView value = has_target ? ByteView(target) : ByteView();
  bool fits = (item != orphans_.end()) == wanted;
  if (fits && wanted) {
    auto stored = bench_.change.Find(OrphanKey(number));
    if (!stored) return std::move(stored).error();
    fits = std::ranges::equal(stored->value, value);
  }
  if (item != orphans_.end()) orphans_.erase(item);
  if (fits) return {};
  bench_.journal.Add(Action::kRepairInodes, number,
                     wanted ? "was being removed or cut off, which will go on"
                            : "was marked for removal, but has a name");
  return wanted ? bench_.change.Put(OrphanKey(number), value)
                : bench_.change.Erase(OrphanKey(number));
}

Result<void> LinkPass::RemoveStrayOrphans() {
  for (const auto& [number, has_target] : orphans_) {
    bench_.journal.Add(Action::kRemoveItems, "inode " + std::to_string(number.value) +
                                                 " was to be removed, but is not there");
    if (auto erased = bench_.change.Erase(OrphanKey(number)); !erased) return erased;
  }
  return {};
}

void LinkPass::SettleTotals() {
  const RootCounters& found = bench_.totals;
  const RootCounters before = bench_.change.counters();
  const bool same = before.next_inode == found.next_inode && before.inodes == found.inodes &&
                    before.reserved_bytes == found.reserved_bytes &&
                    before.data_blocks == found.data_blocks;
  if (same) return;
  bench_.journal.Add(Action::kRepairCounters,
                     "the volume's totals did not fit, and were set right");
  bench_.change.SetCounters(found);
}

}  // namespace chainfs::fs::repair

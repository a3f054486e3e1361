// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/entry_pass.h"

#include <algorithm>

#include "fs/inode_access.h"
#include "fs/name/dentry.h"
#include "fs/name/name_rules.h"

namespace chainfs::fs::repair {
namespace {

constexpr uint64_t kFirstSequence = 3, kEndOfSequences = uint64_t{1} << 63;

bool IsLegal(std::string_view name) { return CheckName(name) && !IsDotOrDotDot(name); }

bool IsSequence(uint64_t sequence) {
  return sequence >= kFirstSequence && sequence < kEndOfSequences;
}

bool SameTarget(const EntryTarget& a, const EntryTarget& b) {
  return a.inode == b.inode && a.type == b.type;
}

bool Holds(const DentryValue& value, std::string_view name) {
  bool found = false;
  (void)ForEachDentry(value.view(), [&](const Dentry& entry) {
    found = entry.name == name;
    return !found;
  });
  return found;
}

Result<bool> Missing(const Result<Item>& item) {
  if (item) return false;
  if (item.error().code == ErrorCode::kNotFound) return true;
  return item.error();
}

}  // namespace

Result<void> EntryPass::Run() {
  for (size_t i = 0; i < bench_.inodes.size(); ++i) {
    if (!bench_.inodes[i].is_directory()) continue;
    if (auto repaired = RepairDirectory(i); !repaired) return repaired;
  }
  return BreakLoops();
}

Result<void> EntryPass::RepairDirectory(size_t place) {
  directory_ = bench_.inodes[place].number;
  entries_ = 0;
  auto inode = LoadInode(bench_.change, directory_);
  if (!inode) return std::move(inode).error();
  next_sequence_ =
      IsSequence(inode->next_entry_sequence) ? inode->next_entry_sequence : kFirstSequence;
  // New places in the listing must lie behind those that are taken.
  auto last = bench_.change.tree().SeekLast(Key(directory_, ItemKind::kDirIndex, UINT64_MAX));
  if (!last) return std::move(last).error();
  if (last->IsAt(directory_, ItemKind::kDirIndex) && IsSequence(last->key().offset)) {
    next_sequence_ = std::max(next_sequence_, last->key().offset + 1);
  }
  const auto each = [&](ItemKind kind, auto&& visit) {
    return WalkItems(bench_.change, Key(directory_, kind, 0),
                     [&](const Key& key, ByteView value) -> Result<Step> {
                       if (key.inode != directory_.value || key.kind != kind) return Step::kStop;
                       return visit(key, value);
                     });
  };
  auto walked = each(ItemKind::kDentry,
                     [&](const Key& key, ByteView value) { return OnDentries(key, value); });
  if (!walked) return walked;
  walked = each(ItemKind::kDirIndex,
                [&](const Key& key, ByteView value) { return OnIndex(key, value); });
  if (!walked) return walked;
  return StoreDirectory(place);
}

Result<Step> EntryPass::OnDentries(const Key& key, ByteView value) {
  const Bytes before(value.begin(), value.end());
  std::vector<OwnedEntry> entries;
  const bool well_formed = ForEachDentry(before, [&](const Dentry& entry) {
    entries.push_back({entry.target, entry.sequence, std::string(entry.name)});
    return true;
  });
  if (!well_formed) {
    bench_.journal.Add(Action::kRepairEntries, directory_,
                       "a malformed item of its names: what the listing has of it is kept");
  }
  changed_ = false;
  DentryValue kept;
  for (OwnedEntry& entry : entries) {
    auto settled = Settle(key, std::move(entry));
    if (!settled) return std::move(settled).error();
    if (!*settled) continue;
    const OwnedEntry& sound = **settled;
    if (Holds(kept, sound.name)) {
      bench_.journal.Add(Action::kRepairEntries, directory_, "was there twice", sound.name);
    } else if (kept.Append({sound.target, sound.sequence, sound.name})) {
      CountName(sound.target);
    }
  }
  if (std::ranges::equal(kept.view(), before)) return changed_ ? Step::kChanged : Step::kNext;
  bench_.journal.Keep(key, before);
  auto changed = kept.empty() ? bench_.change.Erase(key) : bench_.change.Put(key, kept.view());
  if (!changed) return std::move(changed).error();
  return Step::kChanged;
}

Result<std::optional<EntryPass::OwnedEntry>> EntryPass::Settle(const Key& key, OwnedEntry entry) {
  using Settled = std::optional<OwnedEntry>;
  // What is filed wrongly is found in the listing, and filed anew from there.
  if (!IsLegal(entry.name) || bench_.core.hasher.Hash(entry.name) != key.offset) {
    bench_.journal.Add(Action::kRepairEntries, directory_, "was filed under a wrong hash",
                       entry.name);
    return Settled();
  }
  const EntryTarget before = entry.target;
  auto index = FindIndex(entry.sequence);
  if (!index) return std::move(index).error();
  const bool in_listing = *index && (*index)->name == entry.name;
  // The two halves may lead to different inodes: one that exists is better.
  if (in_listing && (*index)->target.inode != entry.target.inode &&
      bench_.inodes.Find(entry.target.inode) == nullptr) {
    entry.target = (*index)->target;
  }
  auto target = JudgeTarget(entry.target, entry.name);
  if (!target) return std::move(target).error();
  if (!*target) {
    if (in_listing) {
      changed_ = true;
      auto erased = bench_.change.Erase(Key(directory_, ItemKind::kDirIndex, entry.sequence));
      if (!erased) return std::move(erased).error();
    }
    return Settled();
  }
  entry.target = **target;
  if (in_listing &&
      !(SameTarget(entry.target, before) && SameTarget(entry.target, (*index)->target))) {
    bench_.journal.Add(Action::kRepairEntries, directory_,
                       "did not lead to the same if opened and if listed", entry.name);
  }
  if (in_listing && SameTarget(entry.target, (*index)->target)) return Settled(std::move(entry));
  if (!in_listing) {
    bench_.journal.Add(Action::kRepairEntries, directory_, "was missing from the listing",
                       entry.name);
    if (*index || !IsSequence(entry.sequence)) entry.sequence = next_sequence_++;
  }
  next_sequence_ = std::max(next_sequence_, entry.sequence + 1);
  if (auto put = PutIndex(entry); !put) return std::move(put).error();
  return Settled(std::move(entry));
}

Result<std::optional<EntryPass::OwnedEntry>> EntryPass::FindIndex(uint64_t sequence) {
  using Found = std::optional<OwnedEntry>;
  auto item = bench_.change.Find(Key(directory_, ItemKind::kDirIndex, sequence));
  auto missing = Missing(item);
  if (!missing) return std::move(missing).error();
  if (*missing) return Found();
  const auto entry = DecodeDirIndex(item->value);
  if (!entry) return Found(OwnedEntry{});  // something that is no name
  return Found(OwnedEntry{entry->target, sequence, std::string(entry->name)});
}

Result<void> EntryPass::PutIndex(const OwnedEntry& entry) {
  changed_ = true;
  return bench_.change.Put(Key(directory_, ItemKind::kDirIndex, entry.sequence),
                           DirIndexValue({entry.target, entry.name}).view());
}

Result<Step> EntryPass::OnIndex(const Key& key, ByteView value) {
  const auto decoded = DecodeDirIndex(value);
  const Bytes before(value.begin(), value.end());
  const auto erase = [&]() -> Result<Step> {
    bench_.journal.Keep(key, before);
    if (auto erased = bench_.change.Erase(key); !erased) return std::move(erased).error();
    return Step::kChanged;
  };
  if (!decoded || !IsLegal(decoded->name) || !IsSequence(key.offset)) {
    bench_.journal.Add(Action::kRepairEntries, directory_,
                       "an entry of its listing that is malformed: removed");
    return erase();
  }
  OwnedEntry entry{decoded->target, key.offset, std::string(decoded->name)};
  const EntryName name = NameIn(bench_.core, directory_, entry.name);
  auto found = FindEntry(bench_.change.tree(), name);
  if (found && found->sequence == key.offset) {
    ++entries_;
    return Step::kNext;
  }
  if (found) {
    bench_.journal.Add(Action::kRepairEntries, directory_, "was listed twice", entry.name);
    return erase();
  }
  if (found.error().code != ErrorCode::kNotFound) return std::move(found).error();
  auto target = JudgeTarget(entry.target, entry.name);
  if (!target) return std::move(target).error();
  if (!*target) return erase();
  entry.target = **target;
  auto inserted = InsertEntry(bench_.change, name, {entry.target, entry.sequence});
  if (!inserted && inserted.error().code == ErrorCode::kNoSpace) return erase();
  if (!inserted) return std::move(inserted).error();
  bench_.journal.Add(Action::kRepairEntries, directory_,
                     "was in the listing, but could not be opened", entry.name);
  CountName(entry.target);
  ++entries_;
  return Step::kChanged;
}

Result<std::optional<EntryTarget>> EntryPass::JudgeTarget(const EntryTarget& target,
                                                          const std::string& name) {
  using Judged = std::optional<EntryTarget>;
  const auto refuse = [&](const std::string& why) {
    bench_.journal.Add(Action::kRepairEntries, directory_, why + ": the name is removed", name);
    return Judged();
  };
  InodeFacts* inode = bench_.inodes.Find(target.inode);
  if (inode == nullptr) {
    return refuse("is lost: inode " + std::to_string(target.inode.value) + " is not there");
  }
  const Judged judged(EntryTarget{target.inode, inode->type});
  if (!inode->is_directory()) return judged;
  if (target.inode == kRootInode) return refuse("led to the root directory");
  if (target.inode == directory_) return refuse("led to its own directory");
  if (inode->names > 0) return refuse("was another name of a directory");
  auto item = LoadInode(bench_.change, target.inode);
  if (!item) return std::move(item).error();
  if (item->parent == directory_) return judged;
  auto elsewhere = DirectoryNames(item->parent, target.inode);
  if (!elsewhere) return std::move(elsewhere).error();
  return *elsewhere ? refuse("was another name of a directory") : judged;
}

Result<bool> EntryPass::DirectoryNames(InodeNumber directory, InodeNumber target) {
  const InodeFacts* facts = bench_.inodes.Find(directory);
  if (facts == nullptr || !facts->is_directory()) return false;
  auto name = FindNameOf(bench_.change.tree(), directory, target);
  if (!name) return std::move(name).error();
  return name->has_value();
}

void EntryPass::CountName(const EntryTarget& target) {
  InodeFacts* inode = bench_.inodes.Find(target.inode);
  ++inode->names;
  inode->named_in = directory_;
  if (inode->is_directory()) ++bench_.inodes.Find(directory_)->subdirectories;
}

Result<void> EntryPass::StoreDirectory(size_t place) {
  bench_.inodes[place].has_entries = entries_ > 0;
  auto inode = LoadInode(bench_.change, directory_);
  if (!inode) return std::move(inode).error();
  if (inode->size == entries_ && inode->next_entry_sequence >= next_sequence_) return {};
  if (inode->size != entries_) {
    bench_.journal.Add(Action::kRepairInodes, directory_,
                       "said that it has " + std::to_string(inode->size) + " entries, but has " +
                           std::to_string(entries_));
  }
  inode->size = entries_;
  inode->next_entry_sequence = std::max(inode->next_entry_sequence, next_sequence_);
  bench_.journal.Touch(Action::kRepairInodes);
  return StoreInode(bench_.change, directory_, *inode);
}

Result<void> EntryPass::BreakLoops() {
  enum : uint8_t { kNew, kOnTheWay, kSound };
  std::vector<uint8_t> states(bench_.inodes.size(), kNew);
  const auto place_of = [&](InodeFacts* facts) {
    return static_cast<size_t>(facts - &bench_.inodes[0]);
  };
  for (size_t i = 0; i < states.size(); ++i) {
    std::vector<size_t> way;
    InodeFacts* at = bench_.inodes[i].is_directory() ? &bench_.inodes[i] : nullptr;
    while (at != nullptr && states[place_of(at)] == kNew) {
      states[place_of(at)] = kOnTheWay;
      way.push_back(place_of(at));
      at = at->names > 0 ? bench_.inodes.Find(at->named_in) : nullptr;
    }
    if (at != nullptr && states[place_of(at)] == kOnTheWay) {
      if (auto detached = Detach(*at); !detached) return detached;
    }
    for (const size_t place : way) states[place] = kSound;
  }
  return {};
}

Result<void> EntryPass::Detach(InodeFacts& directory) {
  const InodeNumber parent = directory.named_in;
  auto found = FindNameOf(bench_.change.tree(), parent, directory.number);
  if (!found) return std::move(found).error();
  if (!*found) return {};
  const auto& [name, sequence] = **found;
  bench_.journal.Add(Action::kRepairEntries, "inode " + std::to_string(directory.number.value) +
                                                 ", known as '" + name +
                                                 "', was a directory inside itself");
  auto erased = EraseEntry(bench_.change, NameIn(bench_.core, parent, name),
                           {{directory.number, directory.type}, sequence});
  if (!erased) return erased;
  directory.names = 0;
  --bench_.inodes.Find(parent)->subdirectories;
  auto inode = LoadInode(bench_.change, parent);
  if (!inode) return std::move(inode).error();
  --inode->size;
  return StoreInode(bench_.change, parent, *inode);
}

Result<std::optional<std::pair<std::string, uint64_t>>> FindNameOf(const Tree& tree,
                                                                   InodeNumber directory,
                                                                   InodeNumber target) {
  using Found = std::optional<std::pair<std::string, uint64_t>>;
  auto cursor = tree.Seek(Key(directory, ItemKind::kDirIndex, 0));
  if (!cursor) return std::move(cursor).error();
  while (cursor->IsAt(directory, ItemKind::kDirIndex)) {
    const auto entry = DecodeDirIndex(cursor->value());
    if (entry && entry->target.inode == target) {
      return Found({std::string(entry->name), cursor->key().offset});
    }
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return Found();
}

}  // namespace chainfs::fs::repair

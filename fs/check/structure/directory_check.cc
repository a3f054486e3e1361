// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/directory_check.h"

#include <algorithm>
#include <cstring>

#include "crypto/random.h"
#include "fs/name/name_rules.h"

namespace chainfs::fs::check {
namespace {

constexpr uint32_t kTypeDirectory = 0040000;
constexpr uint64_t kFirstSequence = 3, kEndOfSequences = uint64_t{1} << 63;

crypto::SecretKey RandomKey() {
  crypto::SecretKey key(32);
  crypto::FillRandom(key.mutable_view());
  return key;
}

bool IsLegal(std::string_view name) { return CheckName(name) && !IsDotOrDotDot(name); }

bool SameTarget(const EntryTarget& a, const EntryTarget& b) {
  return a.inode == b.inode && a.type == b.type;
}

}  // namespace

DirectoryCheck::DirectoryCheck(StructureRun& run) : run_(run), hasher_(RandomKey()) {}

void DirectoryCheck::Begin(InodeNumber directory) {
  directory_ = directory;
  dentries_ = indexes_ = {};
  subdirectories_ = newest_ = 0;
}

uint64_t DirectoryCheck::HashOf(const EntryTarget& target, uint64_t sequence,
                                std::string_view name) const {
  std::array<uint8_t, 8 + 8 + 4 + kMaxNameBytes> text;
  PutBE(text.data(), target.inode.value);
  PutBE(text.data() + 8, sequence);
  PutBE(text.data() + 16, target.type);
  std::memcpy(text.data() + 20, name.data(), name.size());
  return hasher_.Hash({reinterpret_cast<const char*>(text.data()), 20 + name.size()});
}

void DirectoryCheck::OnDentries(const Key& key, ByteView value) {
  std::vector<std::string_view> names;
  const bool sound = ForEachDentry(value, [&](const Dentry& entry) {
    if (std::find(names.begin(), names.end(), entry.name) != names.end()) {
      Report(entry.name, entry.target, "the name is there twice");
    }
    names.push_back(entry.name);
    CheckOne(key, entry);
    return true;
  });
  if (!sound || value.empty()) {
    run_.findings.Add(FindingKind::kBadItem, directory_, "a DENTRY item is malformed");
  }
}

void DirectoryCheck::CheckOne(const Key& key, const Dentry& entry) {
  ++dentries_.count;
  dentries_.hashes += HashOf(entry.target, entry.sequence, entry.name);
  if (!IsLegal(entry.name)) Report(entry.name, entry.target, "no name that a file may have");
  if (run_.hasher.Hash(entry.name) != key.offset) {
    Report(entry.name, entry.target, "filed under another hash than its name's: cannot be opened");
  }
}

void DirectoryCheck::OnIndex(const Key& key, const DirIndexEntry& entry) {
  ++indexes_.count;
  indexes_.hashes += HashOf(entry.target, key.offset, entry.name);
  newest_ = key.offset;
  if (entry.target.type == kTypeDirectory) ++subdirectories_;
  if (key.offset < kFirstSequence || key.offset >= kEndOfSequences) {
    Report(entry.name, entry.target, "its place in the listing is none");
  }
}

void DirectoryCheck::Finish(const InodeItem& inode, bool complete) {
  if (!inode.is_directory()) {
    if (any()) {
      run_.findings.Add(FindingKind::kBadItem, directory_, "is no directory, but has entries");
    }
    return;
  }
  if (!complete) return;
  if (dentries_ != indexes_) FindDisagreement();
  CheckCounts(inode);
}

void DirectoryCheck::CheckCounts(const InodeItem& inode) {
  const auto report = [&](FindingKind kind, const std::string& what) {
    run_.findings.Add(kind, directory_, what);
  };
  if (inode.size != indexes_.count) {
    report(FindingKind::kBadSize, "says that it has " + std::to_string(inode.size) +
                                      " entries, but it has " + std::to_string(indexes_.count));
  }
  if (indexes_.count > 0 && newest_ < kEndOfSequences && newest_ >= inode.next_entry_sequence) {
    report(FindingKind::kBadEntry,
           "its next entry would take the place in the listing of one that is there");
  }
  if (inode.nlink == 0) {
    if (any()) report(FindingKind::kBadEntry, "has been removed, but has entries");
  } else if (inode.nlink != 2 + subdirectories_) {
    report(FindingKind::kBadLinkCount, "its link count is " + std::to_string(inode.nlink) +
                                           ", but it has " + std::to_string(subdirectories_) +
                                           " subdirectories");
  }
}

void DirectoryCheck::FindDisagreement() {
  const uint64_t before = run_.findings.count();
  auto cursor = run_.tree.Seek(Key(directory_, ItemKind::kDentry, 0));
  Result<void> next;
  for (; cursor && next && cursor->IsAt(directory_, ItemKind::kDentry); next = cursor->Next()) {
    (void)ForEachDentry(cursor->value(), [&](const Dentry& entry) {
      CompareIndex(entry);
      return true;
    });
  }
  cursor = run_.tree.Seek(Key(directory_, ItemKind::kDirIndex, 0));
  for (; cursor && next && cursor->IsAt(directory_, ItemKind::kDirIndex); next = cursor->Next()) {
    if (auto entry = DecodeDirIndex(cursor->value())) CompareDentry(cursor->key().offset, *entry);
  }
  if (run_.findings.count() == before) {
    run_.findings.Add(FindingKind::kBadEntry, directory_, "its names are not those of its listing");
  }
}

void DirectoryCheck::CompareIndex(const Dentry& entry) {
  auto index = run_.tree.Find(Key(directory_, ItemKind::kDirIndex, entry.sequence));
  if (!index && index.error().code != ErrorCode::kNotFound) return;
  const auto decoded = index ? DecodeDirIndex(index->value) : std::nullopt;
  if (!decoded || decoded->name != entry.name) {
    Report(entry.name, entry.target, "can be opened, but is not in the directory's listing");
  } else if (!SameTarget(decoded->target, entry.target)) {
    Report(entry.name, entry.target, "leads to one inode if opened, and to another if listed");
  }
}

void DirectoryCheck::CompareDentry(uint64_t sequence, const DirIndexEntry& entry) {
  const Key key(directory_, ItemKind::kDentry, run_.hasher.Hash(entry.name));
  auto item = run_.tree.Find(key);
  if (!item && item.error().code != ErrorCode::kNotFound) return;
  bool found = false;
  if (item) {
    (void)ForEachDentry(item->value, [&](const Dentry& dentry) {
      found = dentry.name == entry.name && dentry.sequence == sequence;
      return !found;
    });
  }
  if (!found)
    Report(entry.name, entry.target, "is in the directory's listing, but cannot be opened");
}

void DirectoryCheck::Report(std::string_view name, const EntryTarget& target,
                            const std::string& what) {
  run_.findings.AddAt(FindingKind::kBadEntry, directory_, name, target.inode, what);
}

}  // namespace chainfs::fs::check

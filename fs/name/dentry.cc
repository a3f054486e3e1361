// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/dentry.h"

#include <optional>

namespace chainfs::fs {
namespace {

Key IndexKey(const EntryName& name, uint64_t sequence) {
  return Key(name.directory, ItemKind::kDirIndex, sequence);
}

// The name's entry in a DENTRY value. kNotFound.
Result<Entry> FindIn(ByteView value, std::string_view name) {
  std::optional<Entry> found;
  const bool sound = ForEachDentry(value, [&](const Dentry& entry) {
    if (entry.name != name) return true;
    found = Entry{entry.target, entry.sequence};
    return false;
  });
  if (!sound) return ErrorCode::kDamaged;
  if (!found) return ErrorCode::kNotFound;
  return *found;
}

// Copies the entries of the item at name.key, but for the name itself. Nothing if there is no item.
Result<void> CopyOthers(const Change& change, const EntryName& name, DentryValue& value) {
  auto item = change.Find(name.key);
  if (!item) {
    if (item.error().code == ErrorCode::kNotFound) return {};
    return std::move(item).error();
  }
  const bool sound = ForEachDentry(item->value, [&](const Dentry& entry) {
    return entry.name == name.name || value.Append(entry);
  });
  return sound ? Result<void>() : ErrorCode::kDamaged;
}

Result<void> PutDentry(Change& change, const EntryName& name, const Entry& entry) {
  DentryValue value;
  if (auto copied = CopyOthers(change, name, value); !copied) return copied;
  if (!value.Append({entry.target, entry.sequence, name.name})) return ErrorCode::kNoSpace;
  return change.Put(name.key, value.view());
}

}  // namespace

EntryName NameIn(const Core& core, InodeNumber directory, std::string_view name) {
  return {directory, name, Key(directory, ItemKind::kDentry, core.hasher.Hash(name))};
}

Result<Entry> FindEntry(const Tree& tree, const EntryName& name) {
  auto item = tree.Find(name.key);
  if (!item) return std::move(item).error();
  return FindIn(item->value, name.name);
}

Result<Entry> FindEntryToChange(const Tree& tree, const EntryName& name) {
  auto entry = FindEntry(tree, name);
  if (!entry) return entry;
  auto index = tree.Find(IndexKey(name, entry->sequence));
  if (!index) {
    if (index.error().code == ErrorCode::kNotFound) return ErrorCode::kDamaged;
    return std::move(index).error();
  }
  return entry;
}

Result<void> CheckVacant(const Tree& tree, const EntryName& name, uint64_t sequence) {
  auto item = tree.Find(name.key);
  if (item) {
    auto found = FindIn(item->value, name.name);
    if (found) return ErrorCode::kExists;
    if (found.error().code != ErrorCode::kNotFound) return std::move(found).error();
    if (item->value.size() + kDentryFixedBytes + name.name.size() > kMaxValueBytes) {
      return ErrorCode::kNoSpace;
    }
  } else if (item.error().code != ErrorCode::kNotFound) {
    return std::move(item).error();
  }
  auto index = tree.Find(IndexKey(name, sequence));
  if (index) return ErrorCode::kDamaged;  // sequences are not used twice
  return index.error().code == ErrorCode::kNotFound ? Result<void>() : std::move(index).error();
}

Result<void> InsertEntry(Change& change, const EntryName& name, const Entry& entry) {
  if (auto put = PutDentry(change, name, entry); !put) return put;
  return change.Put(IndexKey(name, entry.sequence),
                    DirIndexValue({entry.target, name.name}).view());
}

Result<void> EraseEntry(Change& change, const EntryName& name, const Entry& entry) {
  DentryValue others;
  if (auto copied = CopyOthers(change, name, others); !copied) return copied;
  auto removed = others.empty() ? change.Erase(name.key) : change.Put(name.key, others.view());
  if (!removed) return removed;
  return change.Erase(IndexKey(name, entry.sequence));
}

Result<void> RetargetEntry(Change& change, const EntryName& name, const Entry& entry,
                           const EntryTarget& target) {
  return InsertEntry(change, name, {target, entry.sequence});
}

Result<bool> IsEmptyDirectory(const Tree& tree, InodeNumber directory) {
  auto cursor = tree.Seek(Key(directory, ItemKind::kDirIndex, 0));
  if (!cursor) return std::move(cursor).error();
  return !cursor->IsAt(directory, ItemKind::kDirIndex);
}

}  // namespace chainfs::fs

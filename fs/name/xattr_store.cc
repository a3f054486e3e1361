// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/xattr_store.h"

#include <memory>
#include <optional>
#include <vector>

#include "fs/name/xattr_value.h"
#include "fs/open_object.h"

namespace chainfs::fs {
namespace {

// An object costs a page of its own on the disk.
ptrdiff_t DirtyBytes(size_t value_bytes) {
  return static_cast<ptrdiff_t>(value_bytes + kBlockBytes);
}

Result<XattrEntry> FindIn(ByteView value, std::string_view name) {
  std::optional<XattrEntry> found;
  const bool sound = ForEachXattr(value, [&](const XattrEntry& entry) {
    if (entry.name != name) return true;
    found = entry;
    return false;
  });
  if (!sound) return ErrorCode::kDamaged;
  if (!found) return ErrorCode::kNoAttribute;
  return *found;
}

Result<Item> FindItem(const Tree& tree, const Key& key) {
  auto item = tree.Find(key);
  if (!item && item.error().code == ErrorCode::kNotFound) return ErrorCode::kNoAttribute;
  return item;
}

// Under either tree lock.
std::shared_ptr<const PendingObject> FindPending(const Core& core, ObjectId id) {
  if (core.open && core.open->IsOpen(id)) return core.open->FindShared(id);
  return core.frozen ? core.frozen->Find(id) : nullptr;
}

Result<Bytes> ReadObject(const Core& core, const Pointer& pointer) {
  if (auto pending = FindPending(core, pointer.id)) {
    if (pending->type() != ObjectType::kXattr) return ErrorCode::kDamaged;
    const ByteView value = static_cast<const XattrValue&>(*pending).value();
    return Bytes(value.begin(), value.end());
  }
  if (pointer.length_bytes > kMaxXattrBytes) return ErrorCode::kDamaged;
  auto txn = core.store->BeginRead();
  if (!txn) return std::move(txn).error();
  Bytes value(pointer.length_bytes);
  const auto opened = OpenObject(*txn, core.sealer, ObjectType::kXattr, pointer, value);
  if (!opened && opened.error().code == ErrorCode::kIo) return opened.error();
  if (!opened) return ErrorCode::kDamaged;
  return value;
}

void RetireValue(Change& change, const XattrEntry& entry) {
  if (!entry.in_object) return;
  const Pointer pointer = entry.pointer();
  if (change.IsOpen(pointer.id)) change.AddDataBytes(-DirtyBytes(pointer.length_bytes));
  change.RetireObject(pointer);
}

// What shares an XATTR item with one name: the item without it, and it.
struct Neighbours {
  XattrItemValue others;
  std::optional<XattrEntry> entry;  // points into `item`
  std::optional<Item> item;
};

Result<void> LoadNeighbours(const Change& change, const Key& key, std::string_view name,
                            Neighbours& out) {
  auto item = change.Find(key);
  if (!item) {
    if (item.error().code == ErrorCode::kNotFound) return {};
    return std::move(item).error();
  }
  out.item = std::move(*item);
  const bool sound = ForEachXattr(out.item->value, [&](const XattrEntry& entry) {
    if (entry.name != name) return out.others.Append(entry);
    out.entry = entry;
    return true;
  });
  return sound ? Result<void>() : ErrorCode::kDamaged;
}

}  // namespace

Key XattrKey(const Core& core, InodeNumber inode, std::string_view name) {
  return Key(inode, ItemKind::kXattr, core.hasher.Hash(name));
}

Result<Bytes> ReadXattr(const Core& core, InodeNumber inode, std::string_view name) {
  auto item = FindItem(core.tree, XattrKey(core, inode, name));
  if (!item) return std::move(item).error();
  auto entry = FindIn(item->value, name);
  if (!entry) return std::move(entry).error();
  if (entry->in_object) return ReadObject(core, entry->pointer());
  return Bytes(entry->data.begin(), entry->data.end());
}

Result<size_t> FindXattr(const Core& core, InodeNumber inode, std::string_view name) {
  auto item = FindItem(core.tree, XattrKey(core, inode, name));
  if (!item) return std::move(item).error();
  auto entry = FindIn(item->value, name);
  if (!entry) return std::move(entry).error();
  return entry->value_bytes();
}

Result<void> StoreXattr(const Core& core, Change& change, InodeNumber inode, std::string_view name,
                        ByteView value) {
  const Key key = XattrKey(core, inode, name);
  Neighbours neighbours;
  if (auto loaded = LoadNeighbours(change, key, name, neighbours); !loaded) return loaded;
  XattrItemValue& updated = neighbours.others;
  if (value.size() > kMaxInlineXattrBytes || !updated.Append({name, false, value})) {
    if (!updated.HasRoomFor(name.size(), kPointerBytes)) return ErrorCode::kNoSpace;
    Pointer pointer;  // the freeze fills in its nonce
    pointer.id = change.NewObject<XattrValue>(value)->id();
    pointer.length_bytes = static_cast<uint32_t>(value.size());
    change.AddDataBytes(DirtyBytes(value.size()));
    std::array<uint8_t, kPointerBytes> encoded;
    PutPointer(encoded.data(), pointer);
    (void)updated.Append({name, true, encoded});
  }
  if (neighbours.entry) RetireValue(change, *neighbours.entry);
  return change.Put(key, updated.view());
}

Result<void> EraseXattr(const Core& core, Change& change, InodeNumber inode,
                        std::string_view name) {
  const Key key = XattrKey(core, inode, name);
  Neighbours neighbours;
  if (auto loaded = LoadNeighbours(change, key, name, neighbours); !loaded) return loaded;
  if (!neighbours.entry) return {};
  RetireValue(change, *neighbours.entry);
  return neighbours.others.empty() ? change.Erase(key) : change.Put(key, neighbours.others.view());
}

Result<bool> EraseAllXattrs(Change& change, InodeNumber inode, size_t most) {
  for (size_t erased = 0; erased < most; ++erased) {
    auto cursor = change.Seek(Key(inode, ItemKind::kXattr, 0));
    if (!cursor) return std::move(cursor).error();
    if (!cursor->IsAt(inode, ItemKind::kXattr)) return true;
    const Key key = cursor->key();
    const bool sound = ForEachXattr(cursor->value(), [&](const XattrEntry& entry) {
      RetireValue(change, entry);
      return true;
    });
    if (!sound) return ErrorCode::kDamaged;
    if (auto removed = change.Erase(key); !removed) return std::move(removed).error();
  }
  return false;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/volume_check.h"

#include <map>
#include <set>

#include "crypto/sha256.h"
#include "fs/core.h"
#include "fs/file/extent_codec.h"
#include "fs/inode_item.h"
#include "fs/name/dentry_codec.h"
#include "fs/name/xattr_codec.h"
#include "fs/name/xattr_store.h"

namespace chainfs::fs {
namespace {

struct Seen {
  InodeItem item;
  bool has_item = false;
  uint64_t names = 0, subdirectories = 0, entries = 0, dentries = 0, blocks = 0;
  std::map<uint64_t, BlockMask> live;     // by region
  std::map<uint64_t, uint64_t> reserved;  // block: how many
  bool has_xattrs = false, has_access_acl = false, has_default_acl = false, has_tail = false;
  bool orphan = false;
  InodeNumber named_in;
  std::set<uint32_t> types;  // as the entries have it
};

class Checker {
 public:
  explicit Checker(Core& core) : core_(core) {}

  std::vector<std::string> Run(const ChainHead& head) {
    CountNodes(core_.tree.root());
    WalkItems();
    for (const auto& [number, seen] : inodes_) CheckInode(InodeNumber(number), seen);
    const RootCounters counters = core_.tree.counters();
    uint64_t items = 0, blocks = 0;
    for (const auto& [number, seen] : inodes_) {
      items += seen.has_item ? 1 : 0;
      blocks += seen.blocks;
    }
    Expect(items == counters.inodes, "inode counter", counters.inodes, items);
    Expect(blocks == counters.data_blocks, "block counter", counters.data_blocks, blocks);
    Expect(reserved_ * kBlockBytes == counters.reserved_bytes, "reserved counter",
           counters.reserved_bytes, reserved_ * kBlockBytes);
    Expect(inodes_.rbegin()->first < counters.next_inode, "next inode", counters.next_inode, 0);
    Expect(objects_.size() == head.live_objects, "live objects", head.live_objects,
           objects_.size());
    return std::move(findings_);
  }

 private:
  void Report(const std::string& what, uint64_t inode) {
    findings_.push_back(what + ", inode " + std::to_string(inode));
  }
  void Expect(bool sound, const std::string& what, uint64_t said, uint64_t found) {
    if (!sound) {
      findings_.push_back(what + ": " + std::to_string(said) + ", but " + std::to_string(found));
    }
  }

  void CountNodes(const NodeRef& node) {
    if (!objects_.insert(node->id()).second) findings_.push_back("a node is reachable twice");
    if (node->is_leaf()) return;
    for (size_t i = 0; i < node->count(); ++i) {
      auto child = core_.nodes.Get(node->ChildAt(i));
      if (child) {
        CountNodes(*child);
      } else {
        findings_.push_back("a node does not open");
      }
    }
  }

  void CheckObject(ObjectType type, const Pointer& pointer, uint64_t inode) {
    if (!objects_.insert(pointer.id).second) Report("an object is used twice", inode);
    auto txn = core_.store->BeginRead();
    const auto sealed = txn ? txn->FindObject(pointer.id) : std::nullopt;
    Bytes plaintext(pointer.length_bytes);
    if (!sealed || !core_.sealer.Open(type, pointer, *sealed, plaintext)) {
      Report("an object does not open", inode);
    }
  }

  void WalkItems() {
    auto cursor = core_.tree.Seek(Key{});
    if (!cursor) return findings_.push_back("the tree cannot be walked");
    while (cursor->valid()) {
      Visit(cursor->key(), cursor->value());
      if (auto next = cursor->Next(); !next) return findings_.push_back("the walk breaks off");
    }
  }

  void Visit(const Key& key, ByteView value) {
    if (key.kind == ItemKind::kOrphan) {
      inodes_[key.offset].orphan = true;
      return Expect(value.empty(), "an unfinished truncation", key.offset, 0);
    }
    Seen& seen = inodes_[key.inode];
    switch (key.kind) {
      case ItemKind::kInode:
        return VisitInode(key, value, seen);
      case ItemKind::kDentry:
        if (!ForEachDentry(value, [&](const Dentry& entry) {
              VisitDentry(key, entry);
              return true;
            })) {
          Report("unsound DENTRY item", key.inode);
        }
        return;
      case ItemKind::kDirIndex:
        return VisitIndex(key, value, seen);
      case ItemKind::kXattr:
        if (!ForEachXattr(value, [&](const XattrEntry& entry) {
              VisitXattr(key, entry, seen);
              return true;
            })) {
          Report("unsound XATTR item", key.inode);
        }
        return;
      case ItemKind::kExtent:
        return VisitExtent(key, value, seen);
      case ItemKind::kReserved:
        if (value.size() != 8) return Report("unsound RESERVED item", key.inode);
        seen.reserved[key.offset] = GetBE<uint64_t>(value.data());
        return;
      default:
        Report("an item of unknown kind", key.inode);
    }
  }

  void VisitInode(const Key& key, ByteView value, Seen& seen) {
    if (key.offset == 1) {
      seen.has_tail = true;
      return;
    }
    const auto inode = DecodeInode(value);
    if (!inode || key.offset != 0) return Report("unsound INODE item", key.inode);
    seen.item = *inode;
    seen.has_item = true;
  }

  void VisitDentry(const Key& key, const Dentry& entry) {
    ++inodes_[key.inode].dentries;
    if (core_.hasher.Hash(entry.name) != key.offset) Report("misfiled name", key.inode);
    auto index = core_.tree.Find(Key(InodeNumber(key.inode), ItemKind::kDirIndex, entry.sequence));
    const auto decoded = index ? DecodeDirIndex(index->value) : std::nullopt;
    if (!decoded || decoded->name != entry.name || decoded->target.inode != entry.target.inode ||
        decoded->target.type != entry.target.type) {
      Report("DENTRY and DIRINDEX disagree", key.inode);
    }
  }

  void VisitIndex(const Key& key, ByteView value, Seen& seen) {
    const auto entry = DecodeDirIndex(value);
    if (!entry) return Report("unsound DIRINDEX item", key.inode);
    ++seen.entries;
    newest_entry_[key.inode] = key.offset;
    Seen& target = inodes_[entry->target.inode.value];
    ++target.names;
    target.named_in = InodeNumber(key.inode);
    target.types.insert(entry->target.type);
    if (entry->target.type == 0040000) ++inodes_[key.inode].subdirectories;
  }

  void VisitXattr(const Key& key, const XattrEntry& entry, Seen& seen) {
    seen.has_xattrs = true;
    seen.has_access_acl |= entry.name == "system.posix_acl_access";
    seen.has_default_acl |= entry.name == "system.posix_acl_default";
    if (core_.hasher.Hash(entry.name) != key.offset) Report("misfiled xattr", key.inode);
    if (entry.in_object) CheckObject(ObjectType::kXattr, entry.pointer(), key.inode);
  }

  void VisitExtent(const Key& key, ByteView value, Seen& seen) {
    const auto pieces = DecodePieces(value);
    if (!pieces || pieces->size() == 0) return Report("unsound EXTENT item", key.inode);
    seen.blocks += CountBlocks(pieces->live());
    size_t live = 0;
    for (const PieceRef& ref : *pieces) {
      live += CountBlocks(ref.live);
      CheckObject(ObjectType::kData, ref.pointer, key.inode);
    }
    if (live != CountBlocks(pieces->live())) Report("a block is live twice", key.inode);
    seen.live[key.offset] = pieces->live();
  }

  // The blocks that are reserved and not live.
  uint64_t CountReserved(InodeNumber number, const Seen& seen) {
    uint64_t count = 0, end = 0;
    for (const auto& [from, blocks] : seen.reserved) {
      if (from < end) Report("reservations overlap", number.value);
      end = from + blocks;
      count += blocks;
      for (const auto& [region, mask] : seen.live) {
        for (size_t i = 0; i < kRegionBlocks; ++i) {
          const uint64_t block = region * kRegionBlocks + i;
          if ((mask & BlockBit(i)) != 0 && block >= from && block < end) --count;
        }
      }
    }
    return count;
  }

  void CheckInode(InodeNumber number, const Seen& seen) {
    const uint64_t n = number.value;
    if (!seen.has_item) return Report("items or names without an inode", n);
    const InodeItem& item = seen.item;
    if (seen.orphan != (item.nlink == 0)) Report("orphan or not", n);
    if (item.is_directory()) {
      const uint64_t links = item.nlink == 0 ? 0 : 2 + seen.subdirectories;
      if (item.nlink != links) Report("link count of a directory", n);
      if (item.size != seen.entries || seen.dentries != seen.entries) Report("entry count", n);
      if (number != kRootInode && item.nlink > 0 && item.parent != seen.named_in) {
        Report("parent", n);
      }
      if (number != kRootInode && seen.names != (item.nlink > 0 ? 1 : 0)) Report("names", n);
      if (seen.entries > 0 && newest_entry_[n] >= item.next_entry_sequence) Report("sequence", n);
    } else {
      if (seen.names != item.nlink) Report("link count", n);
      if (seen.entries + seen.dentries != 0) Report("entries in what is no directory", n);
    }
    if (item.blocks != seen.blocks) Report("block count", n);
    if (!seen.live.empty() && seen.live.rbegin()->first * kRegionBytes >= item.size) {
      Report("data past the end", n);
    }
    const uint64_t reserved = CountReserved(number, seen);
    reserved_ += reserved;
    if (item.reserved_blocks != reserved) Report("reserved blocks", n);
    if (!seen.reserved.empty() && (item.flags & kHasReserved) == 0) Report("reserved flag", n);
    if (seen.has_tail != (item.is_symlink() && item.inline_data.size() < item.size)) {
      Report("symlink tail", n);
    }
    if (seen.has_xattrs && (item.flags & kHasXattrs) == 0) Report("xattr flag", n);
    if (seen.has_access_acl != ((item.flags & kHasAccessAcl) != 0)) Report("access ACL flag", n);
    if (seen.has_default_acl != ((item.flags & kHasDefaultAcl) != 0)) Report("default ACL flag", n);
    for (const uint32_t type : seen.types) {
      if (type != (item.mode & 0170000)) Report("type in an entry", n);
    }
  }

  Core& core_;
  std::map<uint64_t, Seen> inodes_;
  std::map<uint64_t, uint64_t> newest_entry_;
  uint64_t reserved_ = 0;  // blocks of all inodes
  std::set<ObjectId> objects_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> FindInconsistencies(const TestVault& vault) {
  const crypto::VolumeSecrets secrets = vault.secrets();
  auto identity = IdentityOf(vault.header(), secrets);
  auto store = store::Store::Open(vault.directory(), {.read_only = true});
  if (!identity || !store) return {"the vault does not open"};
  Result<ChainHead> head = ErrorCode::kIo;
  {
    auto txn = (*store)->BeginRead();
    if (txn) head = ReadChainHead(*txn, *identity);
  }
  if (!head) return {"no chain head: " + head.error().message};
  Core core(std::move(*store),
            crypto::ObjectSealer(identity->volume_id, KeyEpoch(0), secrets.volume_key),
            crypto::NameHasher(secrets.volume_key), VolumeOptions());
  if (!core.tree.OpenAt(head->root)) return {"the root does not open"};
  return Checker(core).Run(*head);
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/read_directory.h"

#include <optional>

#include "fs/access_time.h"
#include "fs/name/dentry_codec.h"
#include "fs/name/directory.h"

namespace chainfs::fs {
namespace {

constexpr uint64_t kDotCookie = 1, kDotDotCookie = 2;
constexpr uint32_t kTypeDirectory = 0040000;
constexpr uint64_t kEndOfSequences = uint64_t{1} << 63;
// After so many entries others get at the tree.
constexpr size_t kEntriesPerView = 64;

enum class Listing { kMore, kEnded };

// One call's state.
class Lister {
 public:
  Lister(Core& core, InodeNumber directory, bool with_attributes, const Volume::EntryVisitor& visit)
      : core_(core), directory_(directory), with_attributes_(with_attributes), visit_(visit) {}

  // Visits "." and "..", as far as `cookie` does not lie behind them.
  Result<Listing> ListDots(const Tree& tree, const InodeItem& inode, uint64_t& cookie) {
    if (cookie < kDotCookie) {
      auto listed = ListDot(tree, directory_, ".", kDotCookie);
      if (!listed || *listed == Listing::kEnded) return listed;
      cookie = kDotCookie;
    }
    if (cookie < kDotDotCookie) {
      auto listed = ListDot(tree, inode.parent, "..", kDotDotCookie);
      if (!listed || *listed == Listing::kEnded) return listed;
      cookie = kDotDotCookie;
    }
    return Listing::kMore;
  }

  // Visits some entries behind `cookie`, which then says where to go on.
  Result<Listing> ListSome(const Tree& tree, uint64_t& cookie) {
    if (cookie >= kEndOfSequences) return Listing::kEnded;
    auto cursor = tree.Seek(Key(directory_, ItemKind::kDirIndex, cookie + 1));
    if (!cursor) return std::move(cursor).error();
    for (size_t i = 0; i < kEntriesPerView; ++i) {
      if (!cursor->IsAt(directory_, ItemKind::kDirIndex)) return Listing::kEnded;
      const auto entry = DecodeDirIndex(cursor->value());
      if (!entry) return ErrorCode::kDamaged;
      const uint64_t sequence = cursor->key().offset;
      auto listed = ListEntry(tree, *entry, sequence);
      if (!listed || *listed == Listing::kEnded) return listed;
      cookie = sequence;
      if (auto next = cursor->Next(); !next) return std::move(next).error();
    }
    return Listing::kMore;
  }

 private:
  Result<Listing> ListDot(const Tree& tree, InodeNumber number, std::string_view name,
                          uint64_t cookie) {
    std::optional<Attributes> attributes;
    if (with_attributes_) {
      auto inode = LoadInode(tree, number);
      // The parent of a removed directory may itself be gone.
      if (!inode && inode.error().code != ErrorCode::kStale) return std::move(inode).error();
      if (inode) attributes = AttributesOf(number, *inode);
    }
    return Visit({number, kTypeDirectory, name, cookie}, attributes);
  }

  Result<Listing> ListEntry(const Tree& tree, const DirIndexEntry& entry, uint64_t sequence) {
    const InodeNumber number = entry.target.inode;
    std::optional<Attributes> attributes;
    if (with_attributes_) {
      // A damaged inode does not hide the others: it is listed without its attributes.
      if (auto inode = LoadInode(tree, number)) attributes = AttributesOf(number, *inode);
    }
    auto listed = Visit({number, entry.target.type, entry.name, sequence}, attributes);
    if (attributes && *listed == Listing::kMore) core_.lookups.Retain(number);
    return listed;
  }

  Result<Listing> Visit(const DirectoryEntry& entry, const std::optional<Attributes>& attributes) {
    return visit_(entry, attributes ? &*attributes : nullptr) ? Listing::kMore : Listing::kEnded;
  }

  Core& core_;
  const InodeNumber directory_;
  const bool with_attributes_;
  const Volume::EntryVisitor& visit_;
};

}  // namespace

Result<void> ReadDirectory(Core& core, InodeNumber directory, uint64_t cookie, bool with_attributes,
                           const Volume::EntryVisitor& visit) {
  const bool from_start = cookie == 0;
  bool access_time_is_due = false;
  Lister lister(core, directory, with_attributes, visit);
  for (Listing listing = Listing::kMore; listing == Listing::kMore;) {
    ReadView view(core);
    auto inode = LoadDirectory(view.tree(), directory);
    if (!inode) return std::move(inode).error();
    if (from_start) access_time_is_due = AccessTimeIsDue(core, *inode);
    auto listed = lister.ListDots(view.tree(), *inode, cookie);
    if (listed && *listed == Listing::kMore) listed = lister.ListSome(view.tree(), cookie);
    if (!listed) return std::move(listed).error();
    listing = *listed;
  }
  if (access_time_is_due) RecordAccess(core, directory);
  return {};
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/name/find_path.h"

#include <algorithm>
#include <limits>

#include "fs/inode_access.h"
#include "fs/name/dentry_codec.h"

namespace chainfs::fs {
namespace {

constexpr size_t kMostSteps = 1 << 18;
constexpr size_t kStepsPerView = 256;  // after so many others get at the tree
constexpr size_t kMostPathBytes = 4096;
constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();

struct Place {
  InodeNumber directory;
  std::string name;
};

class PathSearch {
 public:
  explicit PathSearch(Core& core) : core_(core) {}

  // The parent and name of an inode. nullopt: see FindPath.
  std::optional<Place> Find(InodeNumber inode) {
    std::optional<InodeNumber> parent;
    {
      ReadView view(core_);
      const auto item = LoadInode(view, inode);
      if (!item || item->nlink == 0) return std::nullopt;
      if (item->is_directory()) parent = item->parent;
    }
    if (parent) return FindIn(*parent, inode);
    for (auto next = Below(inode); next; next = Below(*next)) {
      if (auto place = FindIn(*next, inode)) return place;
    }
    for (auto next = Above(inode); next; next = Above(*next)) {
      if (auto place = FindIn(*next, inode)) return place;
    }
    return std::nullopt;
  }

 private:
  // False: enough has been looked at.
  bool Step() { return steps_++ < kMostSteps; }

  std::optional<Place> FindIn(InodeNumber directory, InodeNumber inode) {
    for (uint64_t from = 0;;) {
      ReadView view(core_);
      auto cursor = view.Seek(Key(directory, ItemKind::kDirIndex, from));
      for (size_t i = 0; i < kStepsPerView; ++i) {
        if (!cursor || !cursor->IsAt(directory, ItemKind::kDirIndex) || !Step()) {
          return std::nullopt;
        }
        const auto entry = DecodeDirIndex(cursor->value());
        if (entry && entry->target.inode == inode)
          return Place{directory, std::string(entry->name)};
        from = cursor->key().offset + 1;
        if (auto next = cursor->Next(); !next) return std::nullopt;
      }
    }
  }

  // The next inode below or above; nullopt: there is none, or enough has been looked at.
  std::optional<InodeNumber> Below(InodeNumber inode) {
    if (!Step()) return std::nullopt;
    ReadView view(core_);
    const Key last(InodeNumber(inode.value - 1), ItemKind::kReserved, kLargest);
    const auto cursor = view.tree().SeekLast(last);
    if (!cursor || !cursor->valid() || cursor->key().inode == 0) return std::nullopt;
    return InodeNumber(cursor->key().inode);
  }
  std::optional<InodeNumber> Above(InodeNumber inode) {
    if (!Step()) return std::nullopt;
    ReadView view(core_);
    const auto cursor = view.Seek(Key(InodeNumber(inode.value + 1), ItemKind::kInode, 0));
    if (!cursor || !cursor->valid()) return std::nullopt;
    return InodeNumber(cursor->key().inode);
  }

  Core& core_;
  size_t steps_ = 0;
};

}  // namespace

std::optional<std::string> FindPath(Core& core, InodeNumber inode) {
  if (inode == kRootInode) return ".";
  PathSearch search(core);
  std::string path;
  while (inode != kRootInode) {
    auto place = search.Find(inode);
    if (!place) return std::nullopt;
    path = path.empty() ? place->name : place->name + "/" + path;
    // No path is as long as that: a loop, which is damage.
    if (path.size() > kMostPathBytes) return std::nullopt;
    inode = place->directory;
  }
  return path;
}

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/path_finder.h"

#include "fs/check/structure/tree_walk.h"
#include "fs/inode_access.h"
#include "fs/name/dentry_codec.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kMostKnown = 4096;
constexpr size_t kMostDepth = 4096;  // deeper is a loop, or of no use as a path

class NameSearch : public TreeVisitor {
 public:
  explicit NameSearch(const std::unordered_set<InodeNumber>& wanted) : wanted_(wanted) {}
  bool Wants(const KeyRange& range) override { return MayHoldEntries(range); }
  bool OnLost(const Pointer&, NodeFault, const KeyRange&) override { return true; }
  bool OnItem(const Key& key, ByteView value) override {
    if (key.kind != ItemKind::kDirIndex) return true;
    const auto entry = DecodeDirIndex(value);
    if (entry && wanted_.contains(entry->target.inode)) {
      found.try_emplace(entry->target.inode,
                        NamePlace{InodeNumber(key.inode), std::string(entry->name)});
    }
    return found.size() < wanted_.size();
  }

  std::unordered_map<InodeNumber, NamePlace> found;

 private:
  const std::unordered_set<InodeNumber>& wanted_;
};

std::string Join(const std::string& directory, std::string_view name) {
  std::string path = directory == "/" ? "" : directory;
  path += '/';
  path += name;
  return path;
}

}  // namespace

std::optional<NamePlace> PathFinder::PlaceOf(InodeNumber directory) {
  auto inode = LoadInode(tree_, directory);
  if (!inode || !inode->is_directory() || inode->nlink == 0) return std::nullopt;
  auto cursor = tree_.Seek(Key(inode->parent, ItemKind::kDirIndex, 0));
  while (cursor && cursor->IsAt(inode->parent, ItemKind::kDirIndex)) {
    const auto entry = DecodeDirIndex(cursor->value());
    if (entry && entry->target.inode == directory) {
      return NamePlace{inode->parent, std::string(entry->name)};
    }
    if (auto next = cursor->Next(); !next) break;
  }
  return std::nullopt;
}

std::optional<std::string> PathFinder::PathOfDirectory(InodeNumber directory) {
  if (const auto known = known_.find(directory); known != known_.end()) return known->second;
  auto path = FindPathOf(directory);
  if (known_.size() == kMostKnown) known_.clear();
  known_.emplace(directory, path);
  return path;
}

std::optional<std::string> PathFinder::FindPathOf(InodeNumber directory) {
  std::vector<NamePlace> below;  // from the directory upwards
  std::string path = "/";
  for (InodeNumber at = directory; at != kRootInode;) {
    if (const auto known = known_.find(at); known != known_.end()) {
      if (!known->second) return std::nullopt;
      path = *known->second;
      break;
    }
    auto place = PlaceOf(at);
    if (!place || below.size() == kMostDepth) return std::nullopt;
    at = place->directory;
    below.push_back(std::move(*place));
  }
  for (size_t i = below.size(); i-- > 0;) path = Join(path, below[i].name);
  return path;
}

std::optional<std::string> PathFinder::PathIn(InodeNumber directory, std::string_view name) {
  auto path = PathOfDirectory(directory);
  if (path) path = Join(*path, name);
  return path;
}

std::unordered_map<InodeNumber, NamePlace> PathFinder::FindNames(
    const std::unordered_set<InodeNumber>& inodes) {
  NameSearch search(inodes);
  // If the store fails, fewer paths are known: the check itself says so.
  if (!inodes.empty()) (void)WalkTree(nodes_, root_, AllKeys(), search);
  return std::move(search.found);
}

}  // namespace chainfs::fs::check

// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/finding_queue.h"

#include <utility>

#include "fs/inode_access.h"

namespace chainfs::fs::check {
namespace {

constexpr size_t kMostWaiting = 16384;

const char* AdviceFor(FindingKind kind) {
  switch (kind) {
    case FindingKind::kUnreadableData:
      return "restore the file from a backup; the rest of it can be read";
    case FindingKind::kLostData:
      return "restore the file from a backup, or write these bytes again";
    case FindingKind::kUnreadableXattr:
      return "set the attribute again, or restore the file from a backup";
    case FindingKind::kUnreadableTree:
      return "restore what is named from a backup, or let chainfs-fsck --repair go back to an "
             "older state";
    case FindingKind::kUnnamedInode:
      return "chainfs-fsck --repair puts it into lost+found";
    default:
      return "only a fault in chainfs, or somebody with the key, can have written this: please "
             "report it";
  }
}

// Those that lose nothing that somebody has written.
Severity SeverityOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kBadCounter:
    case FindingKind::kBadLinkCount:
      return Severity::kWarning;
    default:
      return Severity::kDamage;
  }
}

}  // namespace

Finding MakeFinding(FindingKind kind, std::string what) {
  Finding finding{Pass::kStructure,
                  kind,
                  SeverityOf(kind),
                  std::move(what),
                  AdviceFor(kind),
                  {},
                  {},
                  {},
                  {},
                  {},
                  {}};
  return finding;
}

void FindingQueue::Add(FindingKind kind, InodeNumber inode, std::string what) {
  Finding finding = MakeFinding(kind, std::move(what));
  finding.inode = inode;
  Add(std::move(finding));
}

void FindingQueue::AddAt(FindingKind kind, InodeNumber directory, std::string_view name,
                         InodeNumber inode, std::string what) {
  Finding finding = MakeFinding(kind, std::move(what));
  finding.inode = inode;
  finding.path = paths_.PathIn(directory, name).value_or("");
  Add(std::move(finding));
}

void FindingQueue::Add(Finding finding) {
  ++(finding.kind == FindingKind::kLostData ? lost_ : count_);
  waiting_.push_back(std::move(finding));
  if (waiting_.size() == kMostWaiting) Flush();
}

void FindingQueue::Flush() {
  if (tree_.root() != nullptr) FindPaths();
  for (const Finding& finding : waiting_) listener_.OnFinding(finding);
  waiting_.clear();
}

void FindingQueue::FindPaths() {
  std::unordered_set<InodeNumber> nameless;
  for (Finding& finding : waiting_) {
    if (!finding.inode || !finding.path.empty()) continue;
    if (*finding.inode == kRootInode) {
      finding.path = "/";
      continue;
    }
    // Directories too: to look each up in its parent would take long where there are many.
    auto inode = LoadInode(tree_, *finding.inode);
    if (!inode || inode->nlink > 0) nameless.insert(*finding.inode);
  }
  const auto places = paths_.FindNames(nameless);
  for (Finding& finding : waiting_) {
    if (!finding.inode || !finding.path.empty()) continue;
    const auto place = places.find(*finding.inode);
    if (place == places.end()) continue;
    const auto& [directory, name] = place->second;
    auto path = paths_.PathIn(directory, name);
    if (path) {
      finding.path = std::move(*path);
    } else {
      finding.what += " (it is named '" + name + "' in directory inode " +
                      std::to_string(directory.value) + ")";
    }
  }
}

}  // namespace chainfs::fs::check

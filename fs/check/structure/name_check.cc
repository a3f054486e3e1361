// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/name_check.h"

#include "fs/check/structure/tree_walk.h"
#include "fs/inode_access.h"

namespace chainfs::fs::check {
namespace {

// Where a whole subtree is lost, not each of a million names says so.
constexpr uint64_t kMostLostNames = 1000;

const char* WordFor(uint32_t type) {
  switch (type) {
    case 0010000:
      return "a FIFO";
    case 0020000:
      return "a character device";
    case 0040000:
      return "a directory";
    case 0060000:
      return "a block device";
    case 0100000:
      return "a file";
    case 0120000:
      return "a symlink";
    case 0140000:
      return "a socket";
    default:
      return "nothing known";
  }
}

// Fills the table. What is lost is noted here, since names are met before the main walk is there;
// that walk reports it.
class InodeReader : public TreeVisitor {
 public:
  InodeReader(StructureRun& run, InodeTable& table) : run_(run), table_(table) {}
  bool Wants(const KeyRange& range) override { return MayHoldInodes(range); }
  bool OnLost(const Pointer&, NodeFault, const KeyRange& keys) override {
    if (!run_.IsDamage()) return false;
    run_.lost.Add(keys);
    return true;
  }
  bool OnItem(const Key& key, ByteView value) override {
    if (key.kind != ItemKind::kInode || key.offset != 0 || key.inode == 0) return run_.GoOn();
    const auto inode = DecodeInodeHead(value);
    return table_.Add(InodeNumber(key.inode), inode ? &*inode : nullptr) && run_.GoOn();
  }

 private:
  StructureRun& run_;
  InodeTable& table_;
};

}  // namespace

Result<bool> NameCheck::BeginWindow() {
  if (begun_ && !table_.end()) return false;
  const InodeNumber from = begun_ ? *table_.end() : InodeNumber(0);
  begun_ = true;
  table_.BeginWindow(from);
  InodeReader reader(run_, table_);
  const KeyRange range{Key(from, ItemKind::kInode, 0), AllKeys().to};
  auto walked = WalkTree(run_.nodes, run_.head.root, range, reader);
  if (!walked) return std::move(walked).error();
  return true;
}

void NameCheck::OnEntry(InodeNumber directory, const DirIndexEntry& entry) {
  if (!table_.Covers(entry.target.inode)) return;
  if (const auto i = table_.Find(entry.target.inode)) {
    CheckTarget(directory, entry, *i);
  } else {
    OnMissing(directory, entry);
  }
}

void NameCheck::CheckTarget(InodeNumber directory, const DirIndexEntry& entry, size_t i) {
  const uint32_t type = table_.TypeAt(i);
  if (type == 0) return;
  table_.CountNameAt(i);
  const InodeNumber number = entry.target.inode;
  if (entry.target.type != type) {
    run_.findings.AddAt(
        FindingKind::kBadEntry, directory, entry.name, number,
        std::string("is ") + WordFor(type) + ", but its entry says " + WordFor(entry.target.type));
  }
  if (type == 0040000 && !table_.IsParentAt(i, directory)) {
    run_.findings.AddAt(FindingKind::kBadParent, directory, entry.name, number,
                        "the directory says that it is somewhere else");
  }
}

void NameCheck::OnMissing(InodeNumber directory, const DirIndexEntry& entry) {
  const InodeNumber number = entry.target.inode;
  if (!run_.lost.Covers(Key(number, ItemKind::kInode, 0))) {
    return run_.findings.AddAt(
        FindingKind::kBadEntry, directory, entry.name, number,
        "leads to inode " + std::to_string(number.value) + ", which does not exist");
  }
  if (++lost_names_ > kMostLostNames) return;
  run_.findings.AddAt(
      FindingKind::kUnreadableTree, directory, entry.name, number,
      std::string("is lost: ") + WordFor(entry.target.type) + " whose inode cannot be read");
}

void NameCheck::FinishWindow() {
  for (size_t i = 0; i < table_.size(); ++i) {
    if (table_.TypeAt(i) != 0 && !table_.HasItsNamesAt(i)) CheckNames(table_.NumberAt(i), i);
  }
}

void NameCheck::CheckNames(InodeNumber number, size_t i) {
  auto inode = LoadInode(run_.tree, number);
  if (!inode) return;
  const uint32_t expected = NamesOf(number, *inode), names = table_.NamesAt(i, expected);
  if (names < expected && run_.lost.MayHoldEntries()) return;
  if (names == 0) {
    return run_.findings.Add(
        FindingKind::kUnnamedInode, number,
        std::string(WordFor(inode->mode & 0170000)) + " that no directory names");
  }
  run_.findings.Add(
      FindingKind::kBadLinkCount, number,
      "should have " + std::to_string(expected) + " names, but has " + std::to_string(names));
}

}  // namespace chainfs::fs::check

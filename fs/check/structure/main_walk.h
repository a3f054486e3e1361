// SPDX-License-Identifier: GPL-3.0-or-later
// One round of the structure check over the whole tree: marks all that is referred to, shows the
// names, and in the first round checks every inode and opens every object. One thread at a time.
#pragma once

#include "fs/check/structure/inode_check.h"
#include "fs/check/structure/name_check.h"
#include "fs/check/structure/object_opener.h"
#include "fs/check/structure/reachable_objects.h"
#include "fs/check/structure/tree_walk.h"

namespace chainfs::fs::check {

class MainWalk : public TreeVisitor {
 public:
  // What the round is for.
  struct Round {
    ReachableObjects* objects = nullptr;  // null: all ids have had their window
    NameCheck* names = nullptr;           // null: all inodes have
    InodeCheck* inodes = nullptr;         // null: not the first round; and so
    ObjectOpener* opener = nullptr;
  };
  MainWalk(StructureRun& run, const Round& round) : run_(run), round_(round) {}

  bool Wants(const KeyRange& range) override;
  void OnNode(const Pointer& pointer) override;
  bool OnLost(const Pointer& node, NodeFault fault, const KeyRange& keys) override;
  bool OnItem(const Key& key, ByteView value) override;

 private:
  // The tree refers to an object; `inode`: the one whose it is, of a node none.
  void Refer(const Pointer& pointer, std::optional<InodeNumber> inode);
  void ReferToPieces(InodeNumber inode, ByteView value);
  void ReferToXattrs(InodeNumber inode, ByteView value);
  void OpenPieces(const Key& key, const Pieces& pieces, uint64_t file_size);
  void OpenXattrs(InodeNumber inode, ByteView value);

  StructureRun& run_;
  const Round round_;
};

// What an object that was opened says about the volume. For the opener's handler.
void ReportOpened(StructureRun& run, InodeCheck& inodes, const ObjectTask& task,
                  const ObjectResult& result);
// Of a piece that cannot be read: the bytes of its file that are lost, and `why`.
void ReportLostBytes(StructureRun& run, const ObjectTask& task, BlockMask blocks,
                     const std::string& why);

}  // namespace chainfs::fs::check

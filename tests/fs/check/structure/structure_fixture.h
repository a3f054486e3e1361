// SPDX-License-Identifier: GPL-3.0-or-later
// Breaks one thing in a copy of the rich vault, and checks it.
#pragma once

#include <functional>

#include "fs/core.h"
#include "fs/file/extent_codec.h"
#include "fs/inode_access.h"
#include "fs/name/dentry.h"
#include "tests/fs/check/rich_vault.h"
#include "tests/fs/volume_check.h"

namespace chainfs::fs::check {

// "bad-size /files/plain", "unreadable-data /files/plain 0-131072"; "-": no path. Sorted.
using Lines = std::vector<std::string>;

class StructureTest : public ::testing::Test {
 protected:
  StructureTest();

  // Of the sound vault: made once.
  static const RichVault& rich();
  static InodeNumber Inode(const std::string& path) { return rich().inodes.at(path); }

  // One change of the tree, committed. What it refers to no more has to be retired.
  void Edit(const std::function<void(Core&, Change&)>& edit) { EditVault(*vault_, edit); }
  static void EditVault(const TestVault& vault, const std::function<void(Core&, Change&)>& edit);
  void EditInode(const std::string& path, const std::function<void(InodeItem&)>& edit);
  void PutItem(const Key& key, ByteView value);
  void EraseItem(const Key& key);

  // The vault as it is. REQUIRES (all that look or break): not within an Edit, which has it open.
  void Look(const std::function<void(const Core&)>& look) const;
  Pieces PiecesOf(const std::string& path, uint64_t region) const;

  // Of stored blobs. Flip: a bit of one byte. Swap: REQUIRES equal sizes.
  void DeleteBlob(ObjectId id);
  void FlipBlob(ObjectId id, size_t byte);
  void SwapBlobs(ObjectId a, ObjectId b);

  StructureReport Report(StructureOptions options = {}) const;
  Lines Findings(StructureOptions options = {}) const { return LinesOf(Report(options).findings); }
  static Lines LinesOf(const std::vector<Finding>& findings);

  // Everything of a check by hand: another head, another listener.
  PassResult CheckWith(StructureOptions options, Listener& listener,
                       const std::function<void(ChainHead&)>& change_head = {}) const;

  std::unique_ptr<TestVault> vault_;

 private:
  Bytes BlobOf(ObjectId id) const;
  void ReplaceInFile(ByteView old_bytes, ByteView new_bytes);
};

class FindingCollector : public Listener {
 public:
  void OnFinding(const Finding& finding) override { findings.push_back(finding); }
  void OnProgress(const Progress& now) override { progress = now; }
  std::vector<Finding> findings;
  Progress progress;
};

}  // namespace chainfs::fs::check

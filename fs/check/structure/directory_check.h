// SPDX-License-Identifier: GPL-3.0-or-later
// The entries of one directory after another: each is there as a DENTRY and as a DIRINDEX, which
// agree; names are legal and filed under their hash; the counts in the inode are theirs.
//
// Streaming. That the two forms agree one to one is seen from sums of keyed hashes, with a key that
// is drawn for each check; only if they differ is each entry looked up. One thread at a time.
#pragma once

#include "fs/check/structure/structure_run.h"
#include "fs/inode_item.h"
#include "fs/name/dentry_codec.h"

namespace chainfs::fs::check {

class DirectoryCheck {
 public:
  explicit DirectoryCheck(StructureRun& run);

  void Begin(InodeNumber directory);
  void OnDentries(const Key& key, ByteView value);
  void OnIndex(const Key& key, const DirIndexEntry& entry);
  // Whether anything was met.
  bool any() const { return dentries_.count + indexes_.count > 0; }
  // `complete`: nothing of the directory is lost.
  void Finish(const InodeItem& inode, bool complete);

 private:
  struct Sum {
    uint64_t count = 0, hashes = 0;
    bool operator==(const Sum&) const = default;
  };
  uint64_t HashOf(const EntryTarget& target, uint64_t sequence, std::string_view name) const;
  void CheckOne(const Key& key, const Dentry& entry);
  void CheckCounts(const InodeItem& inode);
  void FindDisagreement();
  void CompareIndex(const Dentry& entry);
  void CompareDentry(uint64_t sequence, const DirIndexEntry& entry);
  void Report(std::string_view name, const EntryTarget& target, const std::string& what);

  StructureRun& run_;
  const crypto::NameHasher hasher_;
  InodeNumber directory_;
  Sum dentries_, indexes_;
  uint64_t subdirectories_ = 0, newest_ = 0;
};

}  // namespace chainfs::fs::check

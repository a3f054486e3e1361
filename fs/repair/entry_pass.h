// SPDX-License-Identifier: GPL-3.0-or-later
// The second pass: every name in a directory is there in both of its forms (DENTRY and DIRINDEX),
// and leads to an inode. A directory has one name, and every directory is below the root. One
// thread.
#pragma once

#include <string>

#include "fs/name/dentry_codec.h"
#include "fs/repair/item_walk.h"
#include "fs/repair/workbench.h"

namespace chainfs::fs::repair {

class EntryPass {
 public:
  explicit EntryPass(Workbench& bench) : bench_(bench) {}
  // Errors: kIo and the like. REQUIRES: ItemPass has run.
  Result<void> Run();

 private:
  struct OwnedEntry {
    EntryTarget target;
    uint64_t sequence = 0;
    std::string name;
  };

  Result<void> RepairDirectory(size_t place);
  Result<Step> OnDentries(const Key& key, ByteView value);
  Result<Step> OnIndex(const Key& key, ByteView value);
  // What becomes of an entry of a DENTRY item, and of its other half. nullopt: it goes.
  Result<std::optional<OwnedEntry>> Settle(const Key& key, OwnedEntry entry);
  Result<void> PutIndex(const OwnedEntry& entry);
  // The target as it should be; nullopt, with a note: the name leads nowhere it may.
  Result<std::optional<EntryTarget>> JudgeTarget(const EntryTarget& target,
                                                 const std::string& name);
  Result<std::optional<OwnedEntry>> FindIndex(uint64_t sequence);
  Result<bool> DirectoryNames(InodeNumber directory, InodeNumber target);
  void CountName(const EntryTarget& target);
  Result<void> StoreDirectory(size_t place);
  Result<void> BreakLoops();
  Result<void> Detach(InodeFacts& directory);

  Workbench& bench_;
  // The directory in hand:
  InodeNumber directory_;
  uint64_t entries_ = 0, next_sequence_ = 3;
  bool changed_ = false;  // the tree, by what was done to the item in hand
};

// The name of `target` in the directory, and where it is listed; nullopt: none. Reads up to all of
// the directory.
Result<std::optional<std::pair<std::string, uint64_t>>> FindNameOf(const Tree& tree,
                                                                   InodeNumber directory,
                                                                   InodeNumber target);

}  // namespace chainfs::fs::repair

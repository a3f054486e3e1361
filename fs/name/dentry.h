// SPDX-License-Identifier: GPL-3.0-or-later
// Entries of directories in the tree: each is in a DENTRY item, found by its name's hash, and is a
// DIRINDEX item, found by its place in the listing.
//
// Errors of all: kDamaged (an item is unsound, or one of the two is missing), kIo.
// Threads: those that take a Tree under either tree lock.
#pragma once

#include <string_view>

#include "fs/core.h"
#include "fs/name/dentry_codec.h"

namespace chainfs::fs {

// A name in a directory, and the key of the DENTRY item where it is or would be. Views the name.
struct EntryName {
  InodeNumber directory;
  std::string_view name;
  Key key;
};

EntryName NameIn(const Core& core, InodeNumber directory, std::string_view name);

struct Entry {
  EntryTarget target;
  uint64_t sequence = 0;
};

// kNotFound.
Result<Entry> FindEntry(const Tree& tree, const EntryName& name);
// As FindEntry, and loads what EraseEntry and RetargetEntry need.
Result<Entry> FindEntryToChange(const Tree& tree, const EntryName& name);

// Says whether InsertEntry can be done, and loads what it needs. kExists; kNoSpace: a dozen names
// with the same hash are there.
Result<void> CheckVacant(const Tree& tree, const EntryName& name, uint64_t sequence);

// REQUIRES: CheckVacant said yes.
Result<void> InsertEntry(Change& change, const EntryName& name, const Entry& entry);
// REQUIRES: `entry` is what FindEntryToChange gave.
Result<void> EraseEntry(Change& change, const EntryName& name, const Entry& entry);
// The name stays where it is in the listing and leads to another inode.
Result<void> RetargetEntry(Change& change, const EntryName& name, const Entry& entry,
                           const EntryTarget& target);

// Whether a directory has no entries.
Result<bool> IsEmptyDirectory(const Tree& tree, InodeNumber directory);

}  // namespace chainfs::fs

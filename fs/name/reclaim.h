// SPDX-License-Identifier: GPL-3.0-or-later
// Removing an inode that has no name left, and the ORPHAN items that remember it until that is
// done:
//
//   ORPHAN   under inode 0, at the inode's number: empty, or for a file whose truncation is not
//            finished the target size u64
//
// Errors: kDamaged, kIo.
#pragma once

#include "fs/core.h"
#include "fs/inode_access.h"

namespace chainfs::fs {

constexpr size_t kRegionsPerReclaimStep = 128;

// Nothing if there is none.
Result<void> EraseOrphan(Change& change, InodeNumber inode);

// Loads what ReclaimInode will need, for a step. Under either tree lock.
Result<void> WarmReclaim(const Tree& tree, InodeNumber number);

// Removes some of what an inode consists of, at last the INODE and ORPHAN items. True: it is gone.
// False: there is more than one step's worth; the caller stores the inode, and comes again.
// Failing, it leaves the inode as it says, smaller. REQUIRES: nobody can reach the inode.
Result<bool> ReclaimInode(Change& change, InodeNumber number, InodeItem& inode);

// What has become of an inode that one name less leads to.
enum class Unlinked {
  kNamed,  // there are others
  kGone,
  kHeld,           // it lives until its last Forget
  kLeftToReclaim,  // the reclaimer has to see to it
};
// Takes one link (a directory: all) from an inode whose entry has been removed in this change, and
// stores it. REQUIRES: WarmDropLink said yes before anything changed.
Result<Unlinked> DropLink(Core& core, Change& change, InodeNumber number, InodeItem& inode);
Result<void> WarmDropLink(const Tree& tree, InodeNumber number, const InodeItem& inode);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// What a new inode inherits from the directory that it is made in: its group if the directory is
// setgid, and its permissions and lists if the directory has a default ACL.
#pragma once

#include "fs/core.h"
#include "fs/inode_item.h"
#include "fs/name/acl.h"

namespace chainfs::fs {

struct PlannedInode {
  InodeNumber number;
  InodeItem item;
  Acl access_acl;   // empty: none
  Acl default_acl;  // empty: none
};

// Loads all that StoreNewInode will need. `type`: S_IFMT bits; those of parameters.mode are not
// used. Errors: kDamaged, kIo. Under either tree lock.
Result<PlannedInode> PlanInode(const Core& core, InodeNumber directory_number,
                               const InodeItem& directory, const NewInode& parameters,
                               uint32_t type);

// Puts the inode with its ACLs into the tree, and counts it. The number must still be the next one.
Result<void> StoreNewInode(const Core& core, Change& change, const PlannedInode& planned);

}  // namespace chainfs::fs

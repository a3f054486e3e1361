// SPDX-License-Identifier: GPL-3.0-or-later
// The STRUCTURE check: is what the root pointer leads to a sound filesystem, every byte of it?
// Needs the key. Believes nothing that it reads, and goes on behind whatever it cannot read.
//
// What is checked
//   nodes     each opens under its pointer; levels descend by one; keys lie where the parent says
//   objects   each data piece and xattr value opens under its pointer; none is reachable twice, or
//             dead by the ledger's lists; their number and size are what the record says
//   items     inodes, names (each in its two forms), parents, link counts, extents, reservations,
//             symlinks, xattrs, ACLs, orphans; the totals at the root
//
// A finding about a file has its path; of a file with several names, one of them. Since a file does
// not know its names, findings are kept until they can be looked up together: they reach the
// listener in bunches, at the latest at the end.
//
// Memory. The tree is in key order, so what belongs to one inode is checked as it passes by. Three
// things need random access, and are kept for a window of the volume at a time: 16 bytes an inode
// (its type, parent, and names still to be met), and two bits an object id (reachable, dead). Half
// of `memory_bytes` goes to inodes, a quarter to ids; the rest is for nodes, pieces that are being
// opened (512 KiB a thread) and findings. A volume that does not fit takes several rounds over its
// nodes, and file data is read in the first only: with 256 MiB, 8 million inodes and 268 million
// ids (of all that were ever drawn) each.
#pragma once

#include <vector>

#include "crypto/name_hash.h"
#include "crypto/sealing.h"
#include "fs/check/finding.h"
#include "fs/check/pace.h"
#include "fs/check/retention_hold.h"
#include "fs/commit/chain_head.h"
#include "fs/store/store.h"

namespace chainfs::fs::check {

struct StructureOptions {
  unsigned threads = 0;           // that open objects; 0: one a CPU
  RetentionHold* hold = nullptr;  // null: nobody writes to the vault
  uint64_t memory_bytes = 256ull << 20;
  Pace* pace = nullptr;  // null: no limit
  // Records that are not the ledger's, ascending: their lists say nothing of who has died.
  std::vector<Sequence> altered = {};
};

// Checks the filesystem of `head`, which need not be the newest one in the store. Progress is in
// objects, of head.live_objects.
// kFailed: something was found; kNotChecked, with the reason: cancelled, the hold was lost, or the
// store cannot be read at all (what was found until then has been reported, and is true).
// Reads in short transactions of its own, so that a writer can reuse pages meanwhile.
//
// Calls `listener` and `options.hold` on the calling thread only.
PassResult CheckStructure(const store::Store& store, const crypto::ObjectSealer& sealer,
                          const crypto::NameHasher& hasher, const ChainHead& head,
                          const StructureOptions& options, Listener& listener);

// What the check needs of a head, from the record that is the newest in it.
ChainHead HeadOf(const ledger::Record& record);

}  // namespace chainfs::fs::check

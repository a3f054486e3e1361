// SPDX-License-Identifier: GPL-3.0-or-later
// A vault with one of everything that a volume can hold: what a structure check has to take for
// sound, and what its tests break.
//
//   /deep/1/2/3/4/5/leaf         inline
//   /many/0 to /many/299         inline; their names fill several leaves
//   /files/plain                 two regions and a bit, with a large and a small xattr and an ACL
//   /files/sparse                a block in each third region
//   /files/fragmented            several pieces a region
//   /files/reserved              two blocks written of 64 reserved
//   /files/shrinking             five regions, being truncated to one
//   /files/hard, /deep/1/hard    one inode
//   /files/short, /files/long    symlinks; the long one has a tail
//   /special/fifo, char, socket
//   /acl                         a directory with a default ACL; /acl/child has inherited it
//   an unlinked file of one region that somebody had open
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/fs/volume_fixture.h"

namespace chainfs::fs::check {

struct RichVault {
  std::unique_ptr<TestVault> vault;
  std::map<std::string, InodeNumber> inodes;  // by path; the unlinked one under ""
};

RichVault MakeRichVault();

}  // namespace chainfs::fs::check

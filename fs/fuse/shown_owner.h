// SPDX-License-Identifier: GPL-3.0-or-later
// The options uid=, gid= and umask=: every inode is shown with one owner, one group, and fewer
// permissions than it has. So somebody can use a volume whose files belong to users of another
// machine. The kernel checks permissions by what is shown.
//
// What is stored stays as it is. What an explicit chown or chmod asks for is stored only if it will
// also be shown; else it is refused, since it would seem to have had no effect. A file's set-id
// bits are refused too where the owner or the group that is shown is not what is stored: mounted
// without these options, the file would run with the stored one's rights. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "fs/types.h"

namespace chainfs::fs::fuse {

struct ShownOwner {
  std::optional<uint32_t> uid, gid;
  uint32_t umask = 0;  // permission bits, within 0777; a symlink's mean nothing and stay

  // ACLs name users and permissions as they are stored: with any of these they are not in force,
  // and what has one is its owner's alone, since the ACL may deny what the mode grants.
  bool Any() const { return uid || gid || umask != 0; }
  Attributes Of(Attributes attributes) const;
  // Whether what the change asks for would be shown, and may be stored. `type`: as in st_mode.
  bool Shows(const AttributeChange& change, uint32_t type) const;
};

}  // namespace chainfs::fs::fuse

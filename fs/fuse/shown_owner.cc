// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/shown_owner.h"

#include <sys/stat.h>

namespace chainfs::fs::fuse {

Attributes ShownOwner::Of(Attributes attributes) const {
  if (uid) attributes.uid = *uid;
  if (gid) attributes.gid = *gid;
  if (!S_ISLNK(attributes.mode)) attributes.mode &= ~umask;
  return attributes;
}

bool ShownOwner::Shows(const AttributeChange& change) const {
  if (uid && change.uid && *change.uid != *uid) return false;
  if (gid && change.gid && *change.gid != *gid) return false;
  return !change.mode || (*change.mode & umask) == 0;
}

}  // namespace chainfs::fs::fuse

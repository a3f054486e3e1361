// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/fuse/shown_owner.h"

#include <sys/stat.h>

namespace chainfs::fs::fuse {

Attributes ShownOwner::Of(Attributes attributes) const {
  if (uid) attributes.uid = *uid;
  if (gid) attributes.gid = *gid;
  if (!S_ISLNK(attributes.mode)) attributes.mode &= ~umask;
  if (Any() && attributes.has_access_acl) attributes.mode &= ~uint32_t{S_IRWXG | S_IRWXO};
  return attributes;
}

bool ShownOwner::Shows(const AttributeChange& change, uint32_t type) const {
  if (uid && change.uid && *change.uid != *uid) return false;
  if (gid && change.gid && *change.gid != *gid) return false;
  if (!change.mode) return true;
  const bool set_id = !S_ISDIR(type) && (*change.mode & (S_ISUID | S_ISGID)) != 0;
  return (*change.mode & umask) == 0 && !(set_id && (uid || gid));
}

}  // namespace chainfs::fs::fuse

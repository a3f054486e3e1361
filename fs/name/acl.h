// SPDX-License-Identifier: GPL-3.0-or-later
// POSIX access control lists as the xattrs system.posix_acl_access and system.posix_acl_default
// hold them, and how they and the mode bits follow each other. Rules: POSIX 1003.1e draft 17,
// section 23; layout: <linux/posix_acl_xattr.h> (little-endian, version 2). Pure; no threads.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/base/types.h"

namespace chainfs::fs {

constexpr std::string_view kAccessAclName = "system.posix_acl_access";
constexpr std::string_view kDefaultAclName = "system.posix_acl_default";

enum class AclTag : uint16_t {
  kUserObject = 0x01,
  kUser = 0x02,
  kGroupObject = 0x04,
  kGroup = 0x08,
  kMask = 0x10,
  kOther = 0x20,
};

struct AclEntry {
  AclTag tag;
  uint16_t permissions = 0;  // rwx
  uint32_t id = 0;           // of a kUser or kGroup
};

// In the order of the tags. An empty one means: no list.
using Acl = std::vector<AclEntry>;

// nullopt: not a sound list; `unknown_version` says if it was not even one of version 2.
std::optional<Acl> DecodeAcl(ByteView value, bool* unknown_version);
Bytes EncodeAcl(const Acl& acl);

// True if the list says no more than nine mode bits can.
bool IsMinimalAcl(const Acl& acl);

// The mode with the permissions of an access list: the group bits are the mask's, if there is one.
uint32_t ModeWithAcl(uint32_t mode, const Acl& acl);
// The other way round: what chmod does to an access list.
void ApplyMode(Acl& acl, uint32_t mode);

// What a new inode gets from its directory's default list, which replaces the umask: the list's
// permissions, less what `mode` does not ask for.
struct InheritedAcl {
  uint32_t mode;
  Acl access;  // empty: the mode says it all
};
InheritedAcl InheritAcl(const Acl& default_acl, uint32_t mode);

}  // namespace chainfs::fs

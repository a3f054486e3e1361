// SPDX-License-Identifier: GPL-3.0-or-later
// Extended attributes. The operations of Volume; errors beside those of xattr_rules.h: kStale.
// Whose trusted.* attributes are shown to whom is the caller's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fs/core.h"

namespace chainfs::fs {

// kNoAttribute.
Result<std::string> GetXattr(Core& core, InodeNumber inode, std::string_view name);
// kExists, kNoAttribute (what `mode` demands), kAttributeTooBig (64 KiB), kNoSpace (too many).
// An access ACL sets the mode, and is kept only if it says more than the mode can. Of ACLs also
// kInvalid, kUnsupported (unknown version), kAccessDenied (a default one, but no directory).
Result<void> SetXattr(Core& core, InodeNumber inode, std::string_view name, std::string_view value,
                      XattrMode mode);
Result<std::vector<std::string>> ListXattrs(Core& core, InodeNumber inode);
// kNoAttribute.
Result<void> RemoveXattr(Core& core, InodeNumber inode, std::string_view name);

}  // namespace chainfs::fs

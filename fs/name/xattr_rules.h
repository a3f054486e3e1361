// SPDX-License-Identifier: GPL-3.0-or-later
// Which extended attributes there may be, and on what: Linux's rules. Pure; no threads.
#pragma once

#include <string_view>

#include "crypto/base/result.h"
#include "fs/inode_item.h"

namespace chainfs::fs {

constexpr size_t kMaxXattrNameBytes = 255;
constexpr size_t kMaxXattrListBytes = 64 << 10;  // of all names, each with its NUL
constexpr std::string_view kCapabilityName = "security.capability";

// kBufferTooSmall: empty or too long (so does Linux answer); kInvalid: a namespace without a name;
// kUnsupported: a namespace other than user, trusted, security, or in system another than the
// ACLs'.
Result<void> CheckXattrName(std::string_view name);

enum class XattrAccess { kRead, kWrite };
// user.* is for regular files and directories: elsewhere kNotPermitted to write, kNoAttribute to
// read. Symlinks have no ACLs: kUnsupported.
Result<void> CheckXattrTarget(const InodeItem& inode, std::string_view name, XattrAccess access);

}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of extended attributes.
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <vector>

#include "fs/fuse/operations.h"
#include "fs/fuse/serve.h"
#include "fs/name/acl.h"

namespace chainfs::fs::fuse {
namespace {

// Runs `get` and answers with its bytes; with their number alone if `room` is 0.
template <class Get>
void ServeBytes(fuse_req_t request, Call call, size_t room, Get get) {
  auto get_fitting = [=](Volume& volume) -> Result<std::string> {
    Result<std::string> bytes = get(volume);
    if (bytes && room != 0 && bytes->size() > room) return ErrorCode::kBufferTooSmall;
    return bytes;
  };
  auto answer = [=](fuse_req_t r, const std::string& bytes) {
    if (room == 0) {
      fuse_reply_xattr(r, bytes.size());
    } else {
      fuse_reply_buf(r, bytes.data(), bytes.size());
    }
  };
  Serve(request, call, get_fitting, answer);
}

bool IsAcl(std::string_view name) { return name == kAccessAclName || name == kDefaultAclName; }

// An ACL speaks of owners and permissions that are not the ones shown.
bool IsOutOfForce(fuse_req_t request, std::string_view name) {
  return IsAcl(name) && ContextOf(request).shown.Any();
}

void GetXattr(fuse_req_t request, fuse_ino_t inode, const char* name, size_t room) {
  ServeBytes(request, {"getxattr", inode}, room, [=](Volume& volume) -> Result<std::string> {
    if (IsOutOfForce(request, name)) return ErrorCode::kUnsupported;
    return volume.GetXattr(InodeNumber(inode), name);
  });
}

// Who may not read these attributes is not told that they are there. The kernel checks reading and
// writing by itself, and leaves the list to us.
bool IsHidden(fuse_req_t request, std::string_view name) {
  const bool is_root = fuse_req_ctx(request)->uid == 0;
  return (!is_root && name.starts_with("trusted.")) || IsOutOfForce(request, name);
}

void ListXattrs(fuse_req_t request, fuse_ino_t inode, size_t room) {
  auto list = [=](Volume& volume) -> Result<std::string> {
    const Result<std::vector<std::string>> names = volume.ListXattrs(InodeNumber(inode));
    if (!names) return names.error();
    std::string all;
    for (const std::string& name : *names) {
      if (!IsHidden(request, name)) all.append(name).push_back('\0');
    }
    return all;
  };
  ServeBytes(request, {"listxattr", inode}, room, list);
}

// Who the kernel would let make a file of this group setgid.
bool MayGiveSgid(fuse_req_t request, gid_t group) {
  const fuse_ctx& caller = *fuse_req_ctx(request);
  if (caller.uid == 0 || caller.gid == group) return true;
  std::vector<gid_t> groups;
  // Their number may have changed in between. What cannot be told is no membership.
  for (int count = fuse_req_getgroups(request, 0, nullptr); count > std::ssize(groups);) {
    groups.resize(static_cast<size_t>(count));
    count = fuse_req_getgroups(request, count, groups.data());
    if (count >= 0 && count < std::ssize(groups)) groups.resize(static_cast<size_t>(count));
    if (count < 0) groups.clear();
  }
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

// An ACL changes the mode, and so sgid goes as it does with chmod. The kernel says so in a flag
// that libfuse does not pass on.
Result<void> DropSgidAfterAcl(Volume& volume, fuse_req_t request, InodeNumber inode) {
  const Result<Attributes> attributes = volume.GetAttributes(inode);
  if (!attributes) return attributes.error();
  if ((attributes->mode & S_ISGID) == 0 || MayGiveSgid(request, attributes->gid)) return {};
  AttributeChange change;
  change.mode = attributes->mode & 07777 & ~uint32_t{S_ISGID};
  const Result<Attributes> changed = volume.SetAttributes(inode, change);
  if (!changed) return changed.error();
  return {};
}

void SetXattr(fuse_req_t request, fuse_ino_t inode, const char* name, const char* value,
              size_t size, int flags) {
  const XattrMode mode = flags & XATTR_CREATE    ? XattrMode::kCreate
                         : flags & XATTR_REPLACE ? XattrMode::kReplace
                                                 : XattrMode::kAny;
  Serve(
      request, {"setxattr", inode, Effort::kMemory},
      [=](Volume& volume) -> Result<void> {
        if (IsOutOfForce(request, name)) return ErrorCode::kUnsupported;
        const Result<void> done =
            volume.SetXattr(InodeNumber(inode), name, std::string_view(value, size), mode);
        if (!done || name != kAccessAclName) return done;
        return DropSgidAfterAcl(volume, request, InodeNumber(inode));
      },
      AnswerDone);
}

void RemoveXattr(fuse_req_t request, fuse_ino_t inode, const char* name) {
  Serve(
      request, {"removexattr", inode, Effort::kMemory},
      [=](Volume& volume) -> Result<void> {
        if (IsOutOfForce(request, name)) return ErrorCode::kUnsupported;
        const Result<void> done = volume.RemoveXattr(InodeNumber(inode), name);
        // A file without an ACL is what was asked for; so do local filesystems answer.
        if (!done && IsAcl(name) && done.error().code == ErrorCode::kNoAttribute) return {};
        return done;
      },
      AnswerDone);
}

}  // namespace

void AddXattrOperations(fuse_lowlevel_ops& operations) {
  operations.getxattr = GetXattr;
  operations.setxattr = SetXattr;
  operations.listxattr = ListXattrs;
  operations.removexattr = RemoveXattr;
}

}  // namespace chainfs::fs::fuse

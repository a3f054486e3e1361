// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of extended attributes.
#include <sys/xattr.h>

#include "fs/fuse/operations.h"
#include "fs/fuse/serve.h"

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

void GetXattr(fuse_req_t request, fuse_ino_t inode, const char* name, size_t room) {
  ServeBytes(request, {"getxattr", inode}, room,
             [=](Volume& volume) { return volume.GetXattr(InodeNumber(inode), name); });
}

void ListXattrs(fuse_req_t request, fuse_ino_t inode, size_t room) {
  auto list = [=](Volume& volume) -> Result<std::string> {
    const Result<std::vector<std::string>> names = volume.ListXattrs(InodeNumber(inode));
    if (!names) return names.error();
    std::string all;
    for (const std::string& name : *names) all.append(name).push_back('\0');
    return all;
  };
  ServeBytes(request, {"listxattr", inode}, room, list);
}

void SetXattr(fuse_req_t request, fuse_ino_t inode, const char* name, const char* value,
              size_t size, int flags) {
  const XattrMode mode = flags & XATTR_CREATE    ? XattrMode::kCreate
                         : flags & XATTR_REPLACE ? XattrMode::kReplace
                                                 : XattrMode::kAny;
  Serve(
      request, {"setxattr", inode, Effort::kMemory},
      [=](Volume& volume) {
        return volume.SetXattr(InodeNumber(inode), name, std::string_view(value, size), mode);
      },
      AnswerDone);
}

void RemoveXattr(fuse_req_t request, fuse_ino_t inode, const char* name) {
  Serve(
      request, {"removexattr", inode, Effort::kMemory},
      [=](Volume& volume) { return volume.RemoveXattr(InodeNumber(inode), name); }, AnswerDone);
}

}  // namespace

void AddXattrOperations(fuse_lowlevel_ops& operations) {
  operations.getxattr = GetXattr;
  operations.setxattr = SetXattr;
  operations.listxattr = ListXattrs;
  operations.removexattr = RemoveXattr;
}

}  // namespace chainfs::fs::fuse

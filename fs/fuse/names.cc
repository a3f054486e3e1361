// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of names: lookup, and what makes, moves and removes directory entries.
#include <fcntl.h>
#include <linux/fs.h>

#include <optional>

#include "fs/fuse/attributes_format.h"
#include "fs/fuse/operations.h"
#include "fs/fuse/serve.h"

namespace chainfs::fs::fuse {
namespace {

NewInode FromCaller(fuse_req_t request, mode_t mode, uint64_t rdev = 0) {
  const fuse_ctx* caller = fuse_req_ctx(request);
  return {mode, caller->uid, caller->gid, caller->umask, rdev};
}

void Lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  auto find = [=](Volume& volume) -> Result<std::optional<Attributes>> {
    Result<Attributes> found = volume.Lookup(InodeNumber(parent), name);
    if (found) return std::optional(*found);
    if (found.error().code == ErrorCode::kNotFound) return std::optional<Attributes>();
    return std::move(found).error();
  };
  auto answer = [](fuse_req_t r, const std::optional<Attributes>& found) {
    if (found) return AnswerEntry(r, *found);
    const fuse_entry_param nothing = NegativeEntry();
    fuse_reply_entry(r, &nothing);
  };
  Serve(request, {"lookup", parent}, find, answer);
}

void ReadLink(fuse_req_t request, fuse_ino_t inode) {
  Serve(
      request, {"readlink", inode},
      [=](Volume& volume) { return volume.ReadLink(InodeNumber(inode)); },
      [](fuse_req_t r, const std::string& target) { fuse_reply_readlink(r, target.c_str()); });
}

void MakeNode(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t rdev) {
  const NewInode inode = FromCaller(request, mode, rdev);
  Serve(
      request, {"mknod", parent, Effort::kMemory},
      [=](Volume& volume) { return volume.MakeNode(InodeNumber(parent), name, inode); },
      AnswerEntry);
}

void MakeDirectory(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  const NewInode inode = FromCaller(request, mode);
  Serve(
      request, {"mkdir", parent, Effort::kMemory},
      [=](Volume& volume) { return volume.MakeDirectory(InodeNumber(parent), name, inode); },
      AnswerEntry);
}

void MakeSymlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
  const NewInode inode = FromCaller(request, 0777);
  Serve(
      request, {"symlink", parent, Effort::kMemory},
      [=](Volume& volume) { return volume.MakeSymlink(InodeNumber(parent), name, target, inode); },
      AnswerEntry);
}

void Link(fuse_req_t request, fuse_ino_t inode, fuse_ino_t parent, const char* name) {
  Serve(
      request, {"link", inode, Effort::kMemory},
      [=](Volume& volume) { return volume.Link(InodeNumber(inode), InodeNumber(parent), name); },
      AnswerEntry);
}

void Unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
  Serve(
      request, {"unlink", parent, Effort::kMemory},
      [=](Volume& volume) { return volume.Unlink(InodeNumber(parent), name); }, AnswerDone);
}

void RemoveDirectory(fuse_req_t request, fuse_ino_t parent, const char* name) {
  Serve(
      request, {"rmdir", parent, Effort::kMemory},
      [=](Volume& volume) { return volume.RemoveDirectory(InodeNumber(parent), name); },
      AnswerDone);
}

std::optional<RenameMode> ToRenameMode(unsigned flags) {
  switch (flags) {
    case 0:
      return RenameMode::kReplace;
    case RENAME_NOREPLACE:
      return RenameMode::kNoReplace;
    case RENAME_EXCHANGE:
      return RenameMode::kExchange;
    case RENAME_WHITEOUT:
      return RenameMode::kWhiteout;
    default:
      return std::nullopt;
  }
}

void Rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
            const char* new_name, unsigned flags) {
  auto rename = [=](Volume& volume) -> Result<void> {
    const std::optional<RenameMode> mode = ToRenameMode(flags);
    if (!mode) return ErrorCode::kInvalid;
    return volume.Rename(InodeNumber(parent), name, InodeNumber(new_parent), new_name, *mode);
  };
  Serve(request, {"rename", parent, Effort::kMemory}, rename, AnswerDone);
}

#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
void MakeTemporary(fuse_req_t request, fuse_ino_t parent, mode_t mode, fuse_file_info*) {
  const NewInode inode = FromCaller(request, mode);
  auto answer = [](fuse_req_t r, const Attributes& attributes) {
    Context& context = ContextOf(r);
    const fuse_entry_param entry = ToEntry(context.shown.Of(attributes));
    fuse_file_info file{};
    file.keep_cache = 1;
    if (fuse_reply_create(r, &entry, &file) != 0) context.volume.Forget(attributes.inode, 1);
  };
  Serve(
      request, {"tmpfile", parent, Effort::kMemory},
      [=](Volume& volume) { return volume.CreateTemporary(InodeNumber(parent), inode); }, answer);
}
#endif

}  // namespace

void AddNameOperations(fuse_lowlevel_ops& operations) {
  operations.lookup = Lookup;
  operations.readlink = ReadLink;
  operations.mknod = MakeNode;
  operations.mkdir = MakeDirectory;
  operations.symlink = MakeSymlink;
  operations.link = Link;
  operations.unlink = Unlink;
  operations.rmdir = RemoveDirectory;
  operations.rename = Rename;
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
  operations.tmpfile = MakeTemporary;
#endif
}

}  // namespace chainfs::fs::fuse

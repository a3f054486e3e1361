// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers that list directories.
#include <cstring>

#include "fs/fuse/attributes_format.h"
#include "fs/fuse/operations.h"
#include "fs/fuse/reply_buffer.h"
#include "fs/fuse/serve.h"

namespace chainfs::fs::fuse {
namespace {

// Packs entries into a reply until it is full.
class Listing {
 public:
  Listing(fuse_req_t request, size_t size)
      : request_(request), buffer_(ReplyBuffer(request, size)) {}

  // False: it does not fit, and is not in the listing. Without attributes the kernel gets no inode
  // to remember.
  bool Add(const DirectoryEntry& entry, const Attributes* attributes, bool plus) {
    char name[kMaxNameBytes + 1] = {};
    std::memcpy(name, entry.name.data(), std::min(entry.name.size(), kMaxNameBytes));
    const size_t room = buffer_.size() - used_;
    char* const at = reinterpret_cast<char*>(buffer_.data()) + used_;
    const auto next = static_cast<off_t>(entry.next_cookie);
    size_t needed;
    if (plus) {
      const fuse_entry_param parameters = Describe(entry, attributes);
      needed = fuse_add_direntry_plus(request_, at, room, name, &parameters, next);
    } else {
      const fuse_entry_param parameters = Describe(entry, nullptr);
      needed = fuse_add_direntry(request_, at, room, name, &parameters.attr, next);
    }
    if (needed > room) return false;
    used_ += needed;
    return true;
  }

  ByteView bytes() const { return buffer_.first(used_); }

 private:
  fuse_entry_param Describe(const DirectoryEntry& entry, const Attributes* attributes) const {
    if (attributes != nullptr && entry.name != "." && entry.name != "..") {
      return ToEntry(ContextOf(request_).shown.Of(*attributes));
    }
    fuse_entry_param parameters{};
    parameters.attr.st_ino = entry.inode.value;
    parameters.attr.st_mode = entry.type;
    return parameters;
  }

  const fuse_req_t request_;
  const MutableByteView buffer_;
  size_t used_ = 0;
};

void List(fuse_req_t request, const char* name, fuse_ino_t inode, size_t size, off_t cookie,
          bool plus) {
  auto list = [=](Volume& volume) -> Result<ByteView> {
    Listing listing(request, size);
    const Result<void> done =
        volume.ReadDirectory(InodeNumber(inode), static_cast<uint64_t>(cookie), plus,
                             [&](const DirectoryEntry& entry, const Attributes* attributes) {
                               return listing.Add(entry, attributes, plus);
                             });
    // What has been listed before an error counts: its inodes are retained. The error comes again.
    if (!done && listing.bytes().empty()) return done.error();
    return listing.bytes();
  };
  Serve(request, {name, inode}, list, AnswerBytes);
}

// From then on the kernel opens directories by itself, and caches their listings.
void OpenDirectory(fuse_req_t request, fuse_ino_t, fuse_file_info*) {
  fuse_reply_err(request, NoSuchCall());
}

void ReadDirectory(fuse_req_t request, fuse_ino_t inode, size_t size, off_t cookie,
                   fuse_file_info*) {
  List(request, "readdir", inode, size, cookie, false);
}

void ReadDirectoryPlus(fuse_req_t request, fuse_ino_t inode, size_t size, off_t cookie,
                       fuse_file_info*) {
  List(request, "readdirplus", inode, size, cookie, true);
}

}  // namespace

void AddDirectoryOperations(fuse_lowlevel_ops& operations) {
  operations.opendir = OpenDirectory;
  operations.readdir = ReadDirectory;
  operations.readdirplus = ReadDirectoryPlus;
}

}  // namespace chainfs::fs::fuse

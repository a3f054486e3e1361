// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers that make things durable. The kernel has written the dirty pages before it asks.
#include "fs/fuse/operations.h"
#include "fs/fuse/serve.h"

namespace chainfs::fs::fuse {
namespace {

void Sync(fuse_req_t request, fuse_ino_t inode, int, fuse_file_info*) {
  Serve(
      request, {"fsync", inode, Effort::kDisk},
      [=](Volume& volume) { return volume.SyncInode(InodeNumber(inode)); }, AnswerDone);
}

}  // namespace

void AddSyncOperations(fuse_lowlevel_ops& operations) {
  operations.fsync = Sync;
  operations.fsyncdir = Sync;
}

}  // namespace chainfs::fs::fuse

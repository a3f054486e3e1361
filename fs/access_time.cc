// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/access_time.h"

#include "fs/clock.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {
constexpr int64_t kDaySeconds = 24 * 60 * 60;
}

bool AccessTimeIsDue(const Core& core, const InodeItem& inode) {
  if (!core.options.atime || !core.engine) return false;
  return inode.atime <= inode.mtime || inode.atime <= inode.ctime ||
         inode.atime.seconds <= Now().seconds - kDaySeconds;
}

void RecordAccess(Core& core, InodeNumber number) {
  if (core.engine->WouldWait()) return;
  auto change = Change::Begin(core, SpaceNeed::kGrow);
  if (!change) return;
  auto inode = LoadInode(*change, number);
  if (!inode || !AccessTimeIsDue(core, *inode)) return;
  inode->atime = Now();
  (void)StoreInode(*change, number, *inode);
}

}  // namespace chainfs::fs

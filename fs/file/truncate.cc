// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/truncate.h"

#include "fs/file/allocate.h"
#include "fs/file/block_range.h"
#include "fs/file/shrink.h"
#include "fs/file/write.h"
#include "fs/file/zero.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {

Result<InodeItem> LoadRegularFile(Core& core, InodeNumber number) {
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return inode;
  if (inode->is_directory()) return ErrorCode::kIsDirectory;
  if (!inode->is_regular()) return ErrorCode::kInvalid;
  return inode;
}

// As LoadRegularFile, with nothing left past the file's end. REQUIRES: the exclusive inode lock.
Result<InodeItem> SettleRegularFile(Core& core, InodeNumber number) {
  auto inode = LoadRegularFile(core, number);
  if (!inode || (inode->flags & kShrinking) == 0) return inode;
  if (auto finished = FinishTruncation(core, number); !finished) {
    return std::move(finished).error();
  }
  return LoadRegularFile(core, number);
}

// Sets the size and the times in a Change of its own. An inline file too large for it is moved
// into a block first, by the caller.
Result<void> SetSize(Core& core, InodeNumber number, uint64_t size, bool kill_suid_sgid,
                     SpaceNeed need) {
  auto change = Change::Begin(core, need);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if ((inode->flags & kInlineData) != 0) inode->inline_data.resize(size);
  inode->size = size;
  if (kill_suid_sgid) ClearSetIdBits(*inode);
  StampModified(core, *inode);
  return StoreInode(*change, number, *inode);
}

Result<void> Grow(Core& core, InodeNumber number, const InodeItem& inode, uint64_t size,
                  bool kill_suid_sgid) {
  if ((inode.flags & kInlineData) != 0 && size > kMaxInlineBytes) {
    if (auto left = LeaveInline(core, number); !left) return left;
  }
  return SetSize(core, number, size, kill_suid_sgid, SpaceNeed::kGrow);
}

// True: it is done. False: the size is set, and there are steps left.
Result<bool> SetSizeOrBeginTo(Core& core, InodeNumber number, uint64_t size, bool kill_suid_sgid) {
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = SettleRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  // What was reserved past the end goes even if the size stays.
  const bool trims = size == inode->size && (inode->flags & kHasReserved) != 0;
  const bool is_inline = (inode->flags & kInlineData) != 0;
  if (is_inline || (size >= inode->size && !trims)) {
    auto set = size <= inode->size ? SetSize(core, number, size, kill_suid_sgid, SpaceNeed::kShrink)
                                   : Grow(core, number, *inode, size, kill_suid_sgid);
    return set ? Result<bool>(true) : std::move(set).error();
  }
  std::vector<PlacedBlock> cut;
  if (size % kBlockBytes != 0 && !trims) {
    const uint64_t block_end = std::min(inode->size, BlocksOf(size) * kBlockBytes);
    auto prepared = PrepareZeroed(core, number, size, block_end, inode->size);
    if (!prepared) return std::move(prepared).error();
    cut = std::move(*prepared);
  }
  return BeginTruncation(core, number, size, std::move(cut), kill_suid_sgid);
}

Result<void> CheckRange(uint64_t offset, uint64_t length) {
  if (length == 0) return ErrorCode::kInvalid;
  if (offset > kMaxFileSize || length > kMaxFileSize - offset) return ErrorCode::kFileTooBig;
  return {};
}

}  // namespace

Result<void> Truncate(Core& core, InodeNumber number, uint64_t size, bool kill_suid_sgid) {
  if (size > kMaxFileSize) return ErrorCode::kFileTooBig;
  auto done = SetSizeOrBeginTo(core, number, size, kill_suid_sgid);
  while (done && !*done) {
    // The file is as short as it should be: others may use it between the steps.
    auto lock = core.inode_locks.Exclusive(number);
    done = ContinueTruncation(core, number);
  }
  return done ? Result<void>() : std::move(done).error();
}

Result<void> PunchHole(Core& core, InodeNumber number, uint64_t offset, uint64_t length) {
  if (auto range = CheckRange(offset, length); !range) return range;
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = SettleRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  const uint64_t end = offset + length;
  if (auto zeroed = ZeroContent(core, number, *inode, offset, end); !zeroed) return zeroed;
  if (auto cut = Unreserve(core, number, offset, end); !cut) return cut;
  return SetSize(core, number, inode->size, true, SpaceNeed::kShrink);
}

Result<void> ZeroRange(Core& core, InodeNumber number, uint64_t offset, uint64_t length,
                       bool keep_size) {
  if (auto range = CheckRange(offset, length); !range) return range;
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = SettleRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  const uint64_t end = offset + length;
  if (auto zeroed = ZeroContent(core, number, *inode, offset, end); !zeroed) return zeroed;
  return ReserveAndGrow(core, number, offset, end, keep_size);
}

Result<void> Allocate(Core& core, InodeNumber number, uint64_t offset, uint64_t length,
                      bool keep_size) {
  if (auto range = CheckRange(offset, length); !range) return range;
  auto lock = core.inode_locks.Exclusive(number);
  auto inode = SettleRegularFile(core, number);
  if (!inode) return std::move(inode).error();
  return ReserveAndGrow(core, number, offset, offset + length, keep_size);
}

}  // namespace chainfs::fs

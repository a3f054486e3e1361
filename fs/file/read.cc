// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/read.h"

#include <algorithm>
#include <cstring>

#include "fs/access_time.h"
#include "fs/file/regions.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {

struct ReadPlan {
  size_t bytes = 0;  // to be returned
  Bytes inline_data;
  bool is_inline = false;
  bool atime_due = false;
  std::vector<RegionSource> regions;
};

Result<ReadPlan> PlanRead(Core& core, InodeNumber number, uint64_t offset, size_t most) {
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return std::move(inode).error();
  if (inode->is_directory()) return ErrorCode::kIsDirectory;
  if (!inode->is_regular()) return ErrorCode::kInvalid;
  ReadPlan plan;
  plan.atime_due = AccessTimeIsDue(core, *inode);
  if (offset >= inode->size || most == 0) return plan;
  plan.bytes = static_cast<size_t>(std::min<uint64_t>(most, inode->size - offset));
  plan.is_inline = (inode->flags & kInlineData) != 0;
  if (plan.is_inline) {
    plan.inline_data = std::move(inode->inline_data);
    return plan;
  }
  auto regions = FindRegions(view, number, RegionIndex(offset / kRegionBytes),
                             RegionIndex((offset + plan.bytes - 1) / kRegionBytes));
  if (!regions) return std::move(regions).error();
  plan.regions = std::move(*regions);
  return plan;
}

Result<size_t> FillFrom(Core& core, const ReadPlan& plan, uint64_t offset, MutableByteView out) {
  out = out.first(plan.bytes);
  if (out.empty()) return size_t{0};
  if (plan.is_inline) {
    std::memcpy(out.data(), plan.inline_data.data() + offset, out.size());
    return out.size();
  }
  auto source = plan.regions.begin();
  for (size_t done = 0; done < out.size();) {
    const uint64_t at = offset + done;
    const RegionIndex region(at / kRegionBytes);
    const size_t begin = at % kRegionBytes;
    const MutableByteView part =
        out.subspan(done, std::min(kRegionBytes - begin, out.size() - done));
    if (source != plan.regions.end() && source->region == region) {
      if (auto read = ReadRegion(core, *source, begin, part); !read) return std::move(read).error();
      ++source;
    } else {
      std::memset(part.data(), 0, part.size());
    }
    done += part.size();
  }
  return out.size();
}

Result<size_t> ReadWithPlan(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out,
                            bool* atime_due) {
  auto plan = PlanRead(core, inode, offset, out.size());
  if (!plan) return std::move(plan).error();
  *atime_due = plan->atime_due;
  return FillFrom(core, *plan, offset, out);
}

}  // namespace

Result<size_t> ReadLocked(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out) {
  bool atime_due;
  return ReadWithPlan(core, inode, offset, out, &atime_due);
}

Result<size_t> Read(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out) {
  bool atime_due = false;
  Result<size_t> read = ErrorCode::kIo;
  {
    auto lock = core.inode_locks.Shared(inode);
    read = ReadWithPlan(core, inode, offset, out, &atime_due);
  }
  if (read && atime_due) RecordAccess(core, inode);
  return read;
}

Result<uint64_t> Seek(Core& core, InodeNumber number, uint64_t offset, SeekKind kind) {
  auto lock = core.inode_locks.Shared(number);
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return std::move(inode).error();
  if (offset >= inode->size) return ErrorCode::kNoSeekTarget;
  if ((inode->flags & kInlineData) != 0) return kind == SeekKind::kData ? offset : inode->size;
  auto cursor = view.Seek(Key(number, ItemKind::kExtent, offset / kRegionBytes));
  if (!cursor) return std::move(cursor).error();
  // Block by block within items; from item to item across whole missing regions.
  for (uint64_t at = offset; at < inode->size;) {
    const bool here = cursor->IsAt(number, ItemKind::kExtent);
    const uint64_t region = at / kRegionBytes;
    if (!here || cursor->key().offset > region) {
      if (kind == SeekKind::kHole) return at;
      if (!here) break;
      at = cursor->key().offset * kRegionBytes;
      continue;
    }
    auto pieces = DecodePieces(cursor->value());
    if (!pieces) return ErrorCode::kDamaged;
    const BlockMask live = pieces->live();
    for (size_t block = at % kRegionBytes / kBlockBytes; block < kRegionBlocks; ++block) {
      const bool is_data = (live & BlockBit(block)) != 0;
      const uint64_t found = std::max(at, region * kRegionBytes + block * kBlockBytes);
      if (found >= inode->size) break;
      if (is_data == (kind == SeekKind::kData)) return found;
    }
    at = (region + 1) * kRegionBytes;
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  // Past the last byte there is a hole, but never data.
  if (kind == SeekKind::kHole) return inode->size;
  return ErrorCode::kNoSeekTarget;
}

}  // namespace chainfs::fs

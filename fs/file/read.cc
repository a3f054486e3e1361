// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/read.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "fs/access_time.h"
#include "fs/file/block_range.h"
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

Result<size_t> FillFrom(Core& core, const ReadPlan& plan, uint64_t offset, MutableByteView out,
                        store::DiskRange* missing) {
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
      auto read = ReadRegion(core, *source, begin, part, missing);
      if (!read) return std::move(read).error();
      ++source;
    } else {
      std::memset(part.data(), 0, part.size());
    }
    done += part.size();
  }
  return out.size();
}

Result<size_t> ReadWithPlan(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out,
                            store::DiskRange* missing, bool* atime_due) {
  auto plan = PlanRead(core, inode, offset, out.size());
  if (!plan) return std::move(plan).error();
  *atime_due = plan->atime_due;
  return FillFrom(core, *plan, offset, out, missing);
}

// The first block of a region's blocks [from, 32) that is data, or a hole.
std::optional<size_t> FindBlock(BlockMask live, size_t from, SeekKind kind) {
  for (size_t block = from; block < kRegionBlocks; ++block) {
    if (((live & BlockBit(block)) != 0) == (kind == SeekKind::kData)) return block;
  }
  return std::nullopt;
}

// Looks at some regions from `offset` on, which then is what was looked for (true), or where to go
// on.
Result<bool> SeekSome(Core& core, InodeNumber number, uint64_t* offset, SeekKind kind) {
  auto lock = core.inode_locks.Shared(number);
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return std::move(inode).error();
  if (*offset >= inode->size) return ErrorCode::kNoSeekTarget;
  // Past the last byte there is a hole, but never data.
  const auto end = [&]() -> Result<bool> {
    if (kind == SeekKind::kData) return ErrorCode::kNoSeekTarget;
    *offset = inode->size;
    return true;
  };
  if ((inode->flags & kInlineData) != 0)
    return kind == SeekKind::kData ? Result<bool>(true) : end();
  auto cursor = view.Seek(Key(number, ItemKind::kExtent, *offset / kRegionBytes));
  if (!cursor) return std::move(cursor).error();
  for (size_t i = 0; i < kRegionsPerStep; ++i) {
    const uint64_t region = *offset / kRegionBytes;
    const bool here = cursor->IsAt(number, ItemKind::kExtent);
    if (!here || cursor->key().offset != region) {
      if (kind == SeekKind::kHole) return true;
      if (!here || cursor->key().offset > (inode->size - 1) / kRegionBytes) return end();
      *offset = cursor->key().offset * kRegionBytes;
    }
    auto pieces = DecodePieces(cursor->value());
    if (!pieces) return ErrorCode::kDamaged;
    const uint64_t begin = *offset / kRegionBytes * kRegionBytes;
    if (auto block = FindBlock(pieces->live(), (*offset - begin) / kBlockBytes, kind)) {
      *offset = std::max(*offset, begin + *block * kBlockBytes);
      return *offset < inode->size ? Result<bool>(true) : end();
    }
    *offset = begin + kRegionBytes;
    if (*offset >= inode->size) return end();
    if (auto next = cursor->Next(); !next) return std::move(next).error();
  }
  return false;
}

}  // namespace

Result<size_t> ReadLocked(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out) {
  bool atime_due;
  return ReadWithPlan(core, inode, offset, out, nullptr, &atime_due);
}

Result<size_t> Read(Core& core, InodeNumber inode, uint64_t offset, MutableByteView out,
                    store::DiskRange* missing) {
  bool atime_due = false;
  Result<size_t> read = ErrorCode::kIo;
  {
    auto lock = core.inode_locks.Shared(inode);
    read = ReadWithPlan(core, inode, offset, out, missing, &atime_due);
  }
  if (read && atime_due) RecordAccess(core, inode);
  return read;
}

Result<uint64_t> Seek(Core& core, InodeNumber number, uint64_t offset, SeekKind kind) {
  for (;;) {
    auto found = SeekSome(core, number, &offset, kind);
    if (!found) return std::move(found).error();
    if (*found) return offset;
  }
}

}  // namespace chainfs::fs

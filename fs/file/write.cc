// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/write.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "fs/file/block_range.h"
#include "fs/file/merge.h"
#include "fs/file/read.h"
#include "fs/file/regions.h"
#include "fs/file/shrink.h"
#include "fs/inode_access.h"

namespace chainfs::fs {
namespace {

// One write, as far as it can be got ready without the tree lock.
struct WritePlan {
  uint64_t size = 0;       // of the file before
  bool unsettled = false;  // it may not grow before a truncation has been finished
  bool stays_inline = false;
  bool was_inline = false;
  uint64_t reserved_blocks = 0;
  Bytes inline_data;
  std::vector<RegionSource> regions;

  const RegionSource* Find(uint64_t region) const {
    for (const RegionSource& source : regions) {
      if (source.region.value == region) return &source;
    }
    return nullptr;
  }
};

Result<WritePlan> PlanWrite(Core& core, InodeNumber number, uint64_t offset, uint64_t end) {
  ReadView view(core);
  auto inode = LoadInode(view, number);
  if (!inode) return std::move(inode).error();
  if (inode->is_directory()) return ErrorCode::kIsDirectory;
  if (!inode->is_regular()) return ErrorCode::kInvalid;
  WritePlan plan;
  plan.size = inode->size;
  plan.unsettled = (inode->flags & kShrinking) != 0 && end > inode->size;
  plan.reserved_blocks = inode->reserved_blocks;
  plan.was_inline = (inode->flags & kInlineData) != 0;
  const bool may_be_inline = plan.was_inline || (inode->size == 0 && inode->blocks == 0 &&
                                                 (inode->flags & kHasReserved) == 0);
  plan.stays_inline = may_be_inline && std::max(end, inode->size) <= kMaxInlineBytes;
  if (plan.was_inline) {
    plan.inline_data = std::move(inode->inline_data);
  } else if (!plan.stays_inline) {
    auto regions = FindRegions(view, number, RegionIndex(offset / kRegionBytes),
                               RegionIndex((end - 1) / kRegionBytes));
    if (!regions) return std::move(regions).error();
    plan.regions = std::move(*regions);
  }
  return plan;
}

// The old content of one block, zeros where there is none.
Result<void> ReadOldBlock(Core& core, const WritePlan& plan, uint64_t index, MutableByteView out) {
  if (plan.was_inline && index == 0) {
    std::memset(out.data(), 0, out.size());
    std::copy(plan.inline_data.begin(), plan.inline_data.end(), out.begin());
    return {};
  }
  const RegionSource* source = plan.Find(index / kRegionBlocks);
  if (source == nullptr) {
    std::memset(out.data(), 0, out.size());
    return {};
  }
  return ReadRegion(core, *source, index % kRegionBlocks * kBlockBytes, out);
}

// The block as it is after [offset, offset + data) is written over it.
Result<PlacedBlock> PrepareBlock(Core& core, const WritePlan& plan, uint64_t index, uint64_t offset,
                                 ByteView data) {
  const uint64_t block_begin = index * kBlockBytes;
  const uint64_t end = offset + data.size();
  const size_t from = offset > block_begin ? static_cast<size_t>(offset - block_begin) : 0;
  const size_t to = static_cast<size_t>(std::min<uint64_t>(end - block_begin, kBlockBytes));
  const ByteView part = data.subspan(static_cast<size_t>(block_begin + from - offset), to - from);
  const uint32_t old_bytes = BytesInFile(index, plan.size);
  PlacedBlock placed{index, {}};
  if (from == 0 && to >= old_bytes) {
    placed.block = MakeBlock(core.blocks, 0, part);
    return placed;
  }
  BlockRef content = core.blocks.Allocate();
  if (auto old = ReadOldBlock(core, plan, index, {content.get(), kBlockBytes}); !old) {
    return std::move(old).error();
  }
  std::memcpy(content.get() + from, part.data(), part.size());
  placed.block = {std::move(content), std::max(old_bytes, static_cast<uint32_t>(to))};
  return placed;
}

Result<std::vector<PlacedBlock>> PrepareBlocks(Core& core, const WritePlan& plan, uint64_t offset,
                                               ByteView data) {
  std::vector<PlacedBlock> blocks;
  const uint64_t first = offset / kBlockBytes;
  const uint64_t last = (offset + data.size() - 1) / kBlockBytes;
  blocks.reserve(last - first + 2);
  if (plan.was_inline && first > 0 && plan.size > 0) {
    blocks.push_back({0, MakeBlock(core.blocks, 0, plan.inline_data)});
  }
  for (uint64_t index = first; index <= last; ++index) {
    auto placed = PrepareBlock(core, plan, index, offset, data);
    if (!placed) return std::move(placed).error();
    blocks.push_back(std::move(*placed));
  }
  bool merged = false;
  for (const RegionSource& source : plan.regions) {
    auto merge = MergeIfDue(core, source, plan.size, blocks);
    if (!merge) return std::move(merge).error();
    merged = merged || *merge;
  }
  if (merged) {
    std::sort(blocks.begin(), blocks.end(),
              [](const PlacedBlock& a, const PlacedBlock& b) { return a.index < b.index; });
  }
  return blocks;
}

Result<void> StoreByRegion(Change& change, InodeNumber number, InodeItem& inode,
                           std::vector<PlacedBlock>& blocks) {
  for (size_t from = 0; from < blocks.size();) {
    const uint64_t region = blocks[from].index / kRegionBlocks;
    size_t to = from;
    while (to < blocks.size() && blocks[to].index / kRegionBlocks == region) ++to;
    if (auto stored = StoreBlocks(change, number, inode, {&blocks[from], to - from}); !stored) {
      return stored;
    }
    from = to;
  }
  return {};
}

void WriteInline(InodeItem& inode, uint64_t offset, ByteView data) {
  inode.flags |= kInlineData;
  const size_t end = static_cast<size_t>(offset) + data.size();
  if (inode.inline_data.size() < end) inode.inline_data.resize(end);
  std::copy(data.begin(), data.end(), inode.inline_data.begin() + static_cast<ptrdiff_t>(offset));
}

}  // namespace

void ClearSetIdBits(InodeItem& inode) {
  inode.mode &= ~04000u;
  if ((inode.mode & 00010) != 0) inode.mode &= ~02000u;
}

void StampModified(const Core& core, InodeItem& inode) {
  if (!core.options.caller_keeps_times) inode.mtime = inode.ctime = Now();
}

Block MakeBlock(BlockPool& pool, size_t at, ByteView content) {
  BlockRef data = pool.Allocate();
  const size_t end = at + content.size();
  assert(end > 0 && end <= kBlockBytes);
  std::memset(data.get(), 0, at);
  std::memcpy(data.get() + at, content.data(), content.size());
  std::memset(data.get() + end, 0, kBlockBytes - end);
  return {std::move(data), static_cast<uint32_t>(end)};
}

Result<void> WriteLocked(Core& core, InodeNumber number, uint64_t offset, ByteView data,
                         bool kill_suid_sgid) {
  const uint64_t end = offset + data.size();
  auto plan = PlanWrite(core, number, offset, end);
  if (plan && plan->unsettled) {
    if (auto settled = FinishTruncation(core, number); !settled) return settled;
    plan = PlanWrite(core, number, offset, end);
  }
  if (!plan) return std::move(plan).error();
  std::vector<PlacedBlock> blocks;
  if (!plan->stays_inline) {
    auto prepared = PrepareBlocks(core, *plan, offset, data);
    if (!prepared) return std::move(prepared).error();
    blocks = std::move(*prepared);
  }
  const bool promised = !blocks.empty() && plan->reserved_blocks >= blocks.size();
  auto change = Change::Begin(core, SpaceNeed::kGrow, blocks.size() * kBlockBytes, promised);
  if (!change) return std::move(change).error();
  auto inode = LoadInode(*change, number);
  if (!inode) return std::move(inode).error();
  if (plan->stays_inline) {
    WriteInline(*inode, offset, data);
  } else {
    inode->flags &= ~kInlineData;
    inode->inline_data.clear();
    if (auto stored = StoreByRegion(*change, number, *inode, blocks); !stored) return stored;
  }
  inode->size = std::max(inode->size, end);
  if (kill_suid_sgid) ClearSetIdBits(*inode);
  StampModified(core, *inode);
  return StoreInode(*change, number, *inode);
}

Result<void> Write(Core& core, InodeNumber inode, uint64_t offset, ByteView data,
                   bool kill_suid_sgid) {
  if (data.empty()) return {};
  if (offset > kMaxFileSize || data.size() > kMaxFileSize - offset) return ErrorCode::kFileTooBig;
  auto lock = core.inode_locks.Exclusive(inode);
  return WriteLocked(core, inode, offset, data, kill_suid_sgid);
}

Result<uint64_t> CopyRange(Core& core, InodeNumber from, uint64_t from_offset, InodeNumber to,
                           uint64_t to_offset, uint64_t length) {
  if (to_offset > kMaxFileSize || length > kMaxFileSize - to_offset) return ErrorCode::kFileTooBig;
  const bool overlap =
      from == to && from_offset < to_offset + length && to_offset < from_offset + length;
  if (overlap) return ErrorCode::kInvalid;
  {
    // Within one file the copy may move the end: the source's end is where it was before.
    ReadView view(core);
    auto source = LoadInode(view, from);
    if (!source) return std::move(source).error();
    if (source->is_regular()) {
      length = from_offset < source->size ? std::min(length, source->size - from_offset) : 0;
    }
  }
  Bytes buffer(std::min<uint64_t>(length, 8 * kRegionBytes));
  uint64_t done = 0;
  while (done < length) {
    auto locks = core.inode_locks.ExclusivePair(from, to);
    const MutableByteView part(buffer.data(), std::min<uint64_t>(buffer.size(), length - done));
    auto read = ReadLocked(core, from, from_offset + done, part);
    if (!read) return done > 0 ? Result<uint64_t>(done) : std::move(read).error();
    if (*read == 0) break;
    auto written = WriteLocked(core, to, to_offset + done, part.first(*read), true);
    if (!written) return done > 0 ? Result<uint64_t>(done) : std::move(written).error();
    done += *read;
  }
  return done;
}

}  // namespace chainfs::fs

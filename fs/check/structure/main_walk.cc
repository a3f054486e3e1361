// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/check/structure/main_walk.h"

#include "fs/file/block_range.h"
#include "fs/name/xattr_store.h"

namespace chainfs::fs::check {
namespace {

std::string Object(ObjectId id) { return "object " + std::to_string(id.value); }

// Asks that the block with the file's end be zero behind it.
void ExpectZerosPastEnd(ObjectTask& task) {
  if (task.file_size == UINT64_MAX || task.file_size % kBlockBytes == 0) return;
  const uint64_t last = task.file_size / kBlockBytes;
  if (RegionOf(last) != task.region.value) return;
  const BlockMask bit = BlockBit(last % kRegionBlocks);
  if ((task.piece.live & bit) == 0) return;
  const size_t begin = CountBlocks(task.piece.stored & (bit - 1)) * kBlockBytes;
  const size_t end = std::min<size_t>(begin + kBlockBytes, task.piece.pointer.length_bytes);
  task.zero_to = static_cast<uint32_t>(end);
  task.zero_from = static_cast<uint32_t>(std::min(begin + task.file_size % kBlockBytes, end));
}

std::string WhyLost(const StructureRun& run, const Pointer& node, NodeFault fault) {
  const std::string name = Object(node.id);
  if (fault == NodeFault::kWrongLevel) return name + " is at the wrong level of the tree";
  if (fault == NodeFault::kMisplacedKeys) return name + " is in the wrong place of the tree";
  auto txn = run.store.BeginRead();
  const bool missing = txn && !txn->FindObject(node.id);
  return name + (missing ? " is missing" : " is not what was stored");
}

}  // namespace

bool MainWalk::Wants(const KeyRange& range) {
  return round_.objects != nullptr || round_.inodes != nullptr || MayHoldEntries(range);
}

void MainWalk::OnNode(const Pointer& pointer) {
  run_.AwaitTurn(pointer);
  Refer(pointer, std::nullopt);
}

void MainWalk::Refer(const Pointer& pointer, std::optional<InodeNumber> inode) {
  const auto report = [&](FindingKind kind, const std::string& what) {
    Finding finding = MakeFinding(kind, Object(pointer.id) + what);
    finding.object = pointer.id;
    finding.inode = inode;
    run_.findings.Add(std::move(finding));
  };
  if (round_.inodes != nullptr) run_.CountObject();
  if (round_.objects == nullptr) return;
  if (round_.inodes != nullptr && round_.objects->IsUnborn(pointer.id)) {
    report(FindingKind::kBadCounter, " is in use, but the ledger's ids do not reach that far");
  }
  switch (round_.objects->Mark(pointer)) {
    case ReachableObjects::Seen::kElsewhere:
      break;
    case ReachableObjects::Seen::kAgain:
      report(FindingKind::kReachableTwice, " is in use in two places");
      break;
    case ReachableObjects::Seen::kFirst:
      if (round_.objects->IsDead(pointer.id)) {
        report(FindingKind::kDeadButReachable,
               " is in use, but the ledger says that it is not, so that it may be deleted");
      }
  }
}

bool MainWalk::OnLost(const Pointer& node, NodeFault fault, const KeyRange& keys) {
  if (!run_.IsDamage()) return false;
  run_.lost.Add(keys);
  if (round_.inodes != nullptr) {
    Finding finding =
        MakeFinding(FindingKind::kUnreadableTree,
                    Describe(keys) + " cannot be read: " + WhyLost(run_, node, fault));
    finding.object = node.id;
    run_.findings.Add(std::move(finding));
  }
  return run_.GoOn();
}

bool MainWalk::OnItem(const Key& key, ByteView value) {
  const InodeNumber inode(key.inode);
  InodeCheck::Referred referred;
  if (round_.inodes != nullptr) referred = round_.inodes->OnItem(key, value);
  if (key.kind == ItemKind::kDirIndex && round_.names != nullptr) {
    if (const auto entry = DecodeDirIndex(value)) round_.names->OnEntry(inode, *entry);
  } else if (key.kind == ItemKind::kExtent) {
    ReferToPieces(inode, value);
    if (referred.pieces) OpenPieces(key, *referred.pieces, referred.file_size);
  } else if (key.kind == ItemKind::kXattr) {
    ReferToXattrs(inode, value);
    if (referred.xattrs_are_sound) OpenXattrs(inode, value);
  }
  return run_.GoOn();
}

void MainWalk::ReferToPieces(InodeNumber inode, ByteView value) {
  const auto pieces = DecodePieces(value);
  if (!pieces) return;
  for (const PieceRef& ref : *pieces) {
    if (!IsLost(ref)) Refer(ref.pointer, inode);
  }
}

void MainWalk::ReferToXattrs(InodeNumber inode, ByteView value) {
  (void)ForEachXattr(value, [&](const XattrEntry& entry) {
    if (entry.in_object) Refer(entry.pointer(), inode);
    return true;
  });
}

void MainWalk::OpenPieces(const Key& key, const Pieces& pieces, uint64_t file_size) {
  for (const PieceRef& ref : pieces) {
    ObjectTask task;
    task.piece = ref;
    task.inode = InodeNumber(key.inode);
    task.region = RegionIndex(key.offset);
    task.file_size = file_size;
    if (IsLost(ref)) {
      ReportLostBytes(run_, task, ref.live, "a repair gave them up");
      continue;
    }
    if (!LengthIsSound(ref)) {
      ReportLostBytes(run_, task, ref.live, "its length does not fit its blocks");
      continue;
    }
    ExpectZerosPastEnd(task);
    run_.AwaitTurn(ref.pointer);
    round_.opener->Submit(std::move(task));
  }
}

void MainWalk::OpenXattrs(InodeNumber inode, ByteView value) {
  (void)ForEachXattr(value, [&](const XattrEntry& entry) {
    if (!entry.in_object) return true;
    ObjectTask task;
    task.type = ObjectType::kXattr;
    task.piece.pointer = entry.pointer();
    task.inode = inode;
    task.name = entry.name;
    task.wants_content = entry.name.starts_with("system.posix_acl_");
    if (task.piece.pointer.length_bytes > kMaxXattrBytes) {
      run_.findings.Add(FindingKind::kBadItem, inode, "an extended attribute is too large");
    } else {
      run_.AwaitTurn(task.piece.pointer);
      round_.opener->Submit(std::move(task));
    }
    return true;
  });
}

void ReportOpened(StructureRun& run, InodeCheck& inodes, const ObjectTask& task,
                  const ObjectResult& result) {
  const ObjectId id = task.piece.pointer.id;
  switch (result.state) {
    case ObjectState::kSound:
      if (task.wants_content) inodes.OnAcl(task.inode, task.name, result.content);
      return;
    case ObjectState::kNotRead:
      return run.Stop("the store cannot be read");
    case ObjectState::kNotZero:
      return run.findings.Add(FindingKind::kBadSize, task.inode,
                              "there is something behind the end of the file");
    case ObjectState::kMissing:
    case ObjectState::kNotGenuine:
    case ObjectState::kDiskError:
      break;
  }
  if (!run.IsDamage()) return;
  const std::string why =
      Object(id) + (result.state == ObjectState::kMissing     ? " is missing"
                    : result.state == ObjectState::kDiskError ? " cannot be read from the disk"
                                                              : " is not what was stored");
  if (task.type == ObjectType::kData) return ReportLostBytes(run, task, result.damaged, why);
  Finding finding = MakeFinding(FindingKind::kUnreadableXattr,
                                "extended attribute '" + task.name + "' cannot be read: " + why);
  finding.inode = task.inode;
  finding.object = id;
  run.findings.Add(std::move(finding));
}

void ReportLostBytes(StructureRun& run, const ObjectTask& task, BlockMask blocks,
                     const std::string& why) {
  Finding finding = MakeFinding(FindingKind::kUnreadableData, {});
  if (IsLost(task.piece)) {
    finding.kind = FindingKind::kLostData;
    finding.severity = Severity::kWarning;
  } else {
    finding.object = task.piece.pointer.id;
  }
  finding.inode = task.inode;
  const uint64_t begin = task.region.value * kRegionBytes;
  bool any = false;
  for (size_t from = 0; from < kRegionBlocks;) {
    size_t to = from;
    while (to < kRegionBlocks && (blocks & BlockBit(to)) != 0) ++to;
    const uint64_t first = begin + from * kBlockBytes;
    const uint64_t last = std::min(begin + to * kBlockBytes, task.file_size);
    from = std::max(to, from + 1);
    if (first >= last) continue;
    any = true;
    finding.bytes = {first, last};
    finding.what = "bytes " + std::to_string(first) + " to " + std::to_string(last - 1) +
                   " cannot be read: " + why;
    run.findings.Add(finding);
  }
  if (any) return;
  finding.severity = Severity::kWarning;
  finding.what = (blocks == 0 ? "no file's data is hit: "
                              : "what a truncation has yet to remove cannot be read: ") +
                 why;
  run.findings.Add(std::move(finding));
}

}  // namespace chainfs::fs::check

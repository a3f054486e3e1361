// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/volume.h"

#include "fs/core.h"
#include "fs/file/read.h"
#include "fs/file/truncate.h"
#include "fs/file/write.h"
#include "fs/name/attributes.h"
#include "fs/name/create.h"
#include "fs/name/find_path.h"
#include "fs/name/link.h"
#include "fs/name/lookup.h"
#include "fs/name/orphans.h"
#include "fs/name/read_directory.h"
#include "fs/name/rename.h"
#include "fs/name/xattr.h"
#include "fs/settings.h"
#include "fs/volume_impl.h"

namespace chainfs::fs {

namespace {

// Runs an operation that makes the volume grow. What has been removed, and is only waiting to be
// reclaimed, must not stand in its way at the size limit.
template <class Operation>
auto Grow(Volume::Impl& impl, const Operation& operation) {
  auto result = operation(*impl.core);
  if (result || result.error().code != ErrorCode::kNoSpace || !impl.core->limit.bytes()) {
    return result;
  }
  impl.orphans.Drain();
  return operation(*impl.core);
}

}  // namespace

Volume::Volume(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Volume::~Volume() {
  if (impl_) (void)Close();
}

Result<void> Volume::Close() {
  impl_->orphans.Stop();
  return impl_->core->engine ? impl_->core->engine->Stop() : Result<void>();
}

Result<Attributes> Volume::Lookup(InodeNumber parent, std::string_view name) {
  return fs::Lookup(*impl_->core, parent, name);
}
void Volume::Forget(InodeNumber inode, uint64_t count) {
  fs::Forget(*impl_->core, impl_->orphans, inode, count);
}
Result<Attributes> Volume::MakeNode(InodeNumber parent, std::string_view name,
                                    const NewInode& inode) {
  return Grow(*impl_, [&](Core& core) { return fs::MakeNode(core, parent, name, inode); });
}
Result<Attributes> Volume::MakeDirectory(InodeNumber parent, std::string_view name,
                                         const NewInode& inode) {
  return Grow(*impl_, [&](Core& core) { return fs::MakeDirectory(core, parent, name, inode); });
}
Result<Attributes> Volume::MakeSymlink(InodeNumber parent, std::string_view name,
                                       std::string_view target, const NewInode& inode) {
  return Grow(*impl_,
              [&](Core& core) { return fs::MakeSymlink(core, parent, name, target, inode); });
}
Result<Attributes> Volume::CreateTemporary(InodeNumber parent, const NewInode& inode) {
  return Grow(*impl_, [&](Core& core) { return fs::CreateTemporary(core, parent, inode); });
}
Result<Attributes> Volume::Link(InodeNumber inode, InodeNumber parent, std::string_view name) {
  return Grow(*impl_, [&](Core& core) { return fs::Link(core, inode, parent, name); });
}
Result<void> Volume::Unlink(InodeNumber parent, std::string_view name) {
  return fs::Unlink(*impl_->core, impl_->orphans, parent, name);
}
Result<void> Volume::RemoveDirectory(InodeNumber parent, std::string_view name) {
  return fs::RemoveDirectory(*impl_->core, impl_->orphans, parent, name);
}
Result<void> Volume::Rename(InodeNumber parent, std::string_view name, InodeNumber new_parent,
                            std::string_view new_name, RenameMode mode) {
  return Grow(*impl_, [&](Core& core) {
    return fs::Rename(core, impl_->orphans, parent, name, new_parent, new_name, mode);
  });
}
Result<std::string> Volume::ReadLink(InodeNumber inode) {
  return fs::ReadLink(*impl_->core, inode);
}
Result<void> Volume::ReadDirectory(InodeNumber directory, uint64_t cookie, bool with_attributes,
                                   const EntryVisitor& visit) {
  return fs::ReadDirectory(*impl_->core, directory, cookie, with_attributes, visit);
}

Result<Attributes> Volume::GetAttributes(InodeNumber inode) {
  return fs::GetAttributes(*impl_->core, inode);
}
Result<Attributes> Volume::SetAttributes(InodeNumber inode, const AttributeChange& change) {
  return Grow(*impl_, [&](Core& core) { return fs::SetAttributes(core, inode, change); });
}
Result<std::string> Volume::GetXattr(InodeNumber inode, std::string_view name) {
  return fs::GetXattr(*impl_->core, inode, name);
}
Result<void> Volume::SetXattr(InodeNumber inode, std::string_view name, std::string_view value,
                              XattrMode mode) {
  return Grow(*impl_, [&](Core& core) { return fs::SetXattr(core, inode, name, value, mode); });
}
Result<std::vector<std::string>> Volume::ListXattrs(InodeNumber inode) {
  return fs::ListXattrs(*impl_->core, inode);
}
Result<void> Volume::RemoveXattr(InodeNumber inode, std::string_view name) {
  return fs::RemoveXattr(*impl_->core, inode, name);
}

Result<size_t> Volume::Read(InodeNumber inode, uint64_t offset, MutableByteView out,
                            store::DiskRange* missing) {
  return fs::Read(*impl_->core, inode, offset, out, missing);
}
Result<void> Volume::Write(InodeNumber inode, uint64_t offset, ByteView data, bool kill_suid_sgid) {
  return Grow(*impl_,
              [&](Core& core) { return fs::Write(core, inode, offset, data, kill_suid_sgid); });
}
Result<void> Volume::Allocate(InodeNumber inode, uint64_t offset, uint64_t length, bool keep_size) {
  return Grow(*impl_,
              [&](Core& core) { return fs::Allocate(core, inode, offset, length, keep_size); });
}
Result<void> Volume::PunchHole(InodeNumber inode, uint64_t offset, uint64_t length) {
  return fs::PunchHole(*impl_->core, inode, offset, length);
}
Result<void> Volume::ZeroRange(InodeNumber inode, uint64_t offset, uint64_t length,
                               bool keep_size) {
  return Grow(*impl_,
              [&](Core& core) { return fs::ZeroRange(core, inode, offset, length, keep_size); });
}
Result<uint64_t> Volume::Seek(InodeNumber inode, uint64_t offset, SeekKind kind) {
  return fs::Seek(*impl_->core, inode, offset, kind);
}
Result<uint64_t> Volume::CopyRange(InodeNumber from, uint64_t from_offset, InodeNumber to,
                                   uint64_t to_offset, uint64_t length) {
  return Grow(*impl_, [&](Core& core) {
    return fs::CopyRange(core, from, from_offset, to, to_offset, length);
  });
}

Result<void> Volume::SyncInode(InodeNumber inode) {
  Core& core = *impl_->core;
  if (!core.engine) return {};
  uint64_t generation = 0;
  {
    std::shared_lock tree(core.tree_mutex);
    if (core.open->IsTouched(inode)) {
      generation = core.open->generation();
    } else if (core.frozen && core.frozen->IsTouched(inode)) {
      generation = core.frozen->generation();
    }
  }
  return generation == 0 ? Result<void>() : core.engine->SyncGeneration(generation);
}

Result<void> Volume::Sync() {
  return impl_->core->engine ? impl_->core->engine->Sync() : Result<void>();
}

std::optional<std::string> Volume::FindPath(InodeNumber inode) {
  return fs::FindPath(*impl_->core, inode);
}

std::shared_ptr<RetentionHold> Volume::HoldRetention() {
  return impl_->core->engine ? impl_->core->engine->HoldRetention() : nullptr;
}

bool Volume::WouldWait() const { return impl_->core->engine && impl_->core->engine->WouldWait(); }

Result<void> Volume::SetSizeLimit(std::optional<uint64_t> bytes) {
  Core& core = *impl_->core;
  const Bytes value = bytes ? EncodeSizeLimit(*bytes) : Bytes();
  if (bytes && !IsSoundSetting(SizeLimitKey(), value)) return ErrorCode::kInvalid;
  {
    // A full volume must take a larger limit.
    auto change = Change::Begin(core, SpaceNeed::kShrink);
    if (!change) return std::move(change).error();
    auto done = bytes ? change->Put(SizeLimitKey(), value) : change->Erase(SizeLimitKey());
    if (!done && done.error().code != ErrorCode::kNotFound) return done;
    core.limit.Set(bytes);
  }
  return core.engine->Sync();
}

Result<VolumeStatistics> Volume::Statistics() {
  Core& core = *impl_->core;
  VolumeStatistics statistics;
  {
    ReadView view(core);
    statistics.inodes = view.tree().counters().inodes;
  }
  if (core.engine) {
    statistics.total_bytes = core.engine->TotalBytes();
    statistics.free_bytes = core.engine->FreeForUser();
  } else {
    statistics.total_bytes =
        std::min(core.store->Space().filesystem_total, core.limit.bytes().value_or(~uint64_t{0}));
  }
  // Inodes are not preallocated: as many more as fit into the free space at the smallest.
  statistics.inodes_free = statistics.free_bytes / 256;
  return statistics;
}

VolumeStatus Volume::Status() {
  Core& core = *impl_->core;
  VolumeStatus status;
  if (core.engine) {
    const EngineStatus engine = core.engine->status();
    status.head = engine.head;
    status.checkpoint = engine.checkpoint;
    status.last_commit_ns = engine.last_commit_ns;
    status.commits = engine.commits;
    status.live_objects = engine.live_objects;
    status.live_bytes = engine.live_bytes;
    status.failure = engine.failure;
    status.dirty_bytes = core.engine->dirty_bytes();
    status.dirty_limit_bytes = core.engine->space().dirty_limit();
  }
  {
    ReadView view(core);
    status.inodes = view.tree().counters().inodes;
  }
  status.size_limit_bytes = core.limit.bytes();
  status.limited_bytes = core.limit.used();
  status.lookups = core.lookups.inodes();
  status.node_cache_bytes = core.nodes.bytes();
  status.cache_limit_bytes = core.options.cache_bytes;
  const store::SpaceInfo space = core.store->Space();
  status.store_file_bytes = space.file_bytes;
  status.store_free_bytes = space.free_page_bytes;
  return status;
}

}  // namespace chainfs::fs

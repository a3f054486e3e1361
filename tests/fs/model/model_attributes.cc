// SPDX-License-Identifier: GPL-3.0-or-later
// The model's attributes, xattrs and file data.
#include "tests/fs/model/model_tree.h"

namespace chainfs::fs::model {
namespace {

constexpr char kAccessAcl[] = "system.posix_acl_access", kDefaultAcl[] = "system.posix_acl_default";
constexpr uint64_t kMaxSize = 0x7fffffffffffffff;

void ClearSetId(ModelInode& inode) {
  inode.mode &= ~04000u;
  if ((inode.mode & 00010) != 0) inode.mode &= ~02000u;
}

ModelTree::Outcome CheckXattrName(const std::string& name) {
  if (name.empty() || name.size() > 255) return ErrorCode::kBufferTooSmall;
  if (name == kAccessAcl || name == kDefaultAcl) return {};
  for (const char* space : {"user.", "trusted.", "security."}) {
    if (name.starts_with(space)) {
      return name == space ? ModelTree::Outcome(ErrorCode::kInvalid) : ModelTree::Outcome();
    }
  }
  return ErrorCode::kUnsupported;
}

bool IsAcl(const std::string& name) { return name == kAccessAcl || name == kDefaultAcl; }

ModelTree::Outcome CheckXattrTarget(const ModelInode& inode, const std::string& name, bool write) {
  if (IsAcl(name) && inode.is_symlink()) return ErrorCode::kUnsupported;
  if (name.starts_with("user.") && !inode.is_regular() && !inode.is_directory()) {
    return write ? ErrorCode::kNotPermitted : ErrorCode::kNoAttribute;
  }
  return {};
}

}  // namespace

void ModelTree::StampContent(ModelInode& file) const {
  Stamp(file.mtime);
  Stamp(file.ctime);
}

ModelTree::Outcome ModelTree::FindRegular(InodeNumber number) const {
  const auto it = nodes_.find(number);
  if (it == nodes_.end()) return ErrorCode::kStale;
  if (it->second.is_directory()) return ErrorCode::kIsDirectory;
  return it->second.is_regular() ? Outcome() : ErrorCode::kInvalid;
}

ModelTree::Outcome ModelTree::SetAttributes(InodeNumber number, const AttributeChange& change) {
  if (change.size) {
    if (*change.size > kMaxSize) return ErrorCode::kFileTooBig;
    if (auto error = FindRegular(number)) return error;
    ModelInode& file = at(number);
    file.data.Resize(*change.size);
    if (change.kill_suid_sgid) ClearSetId(file);
    file.xattrs.erase("security.capability");
    StampContent(file);
  }
  if (!Has(number)) return ErrorCode::kStale;
  ModelInode& inode = at(number);
  const bool loses_privileges =
      !inode.is_directory() && (change.uid || change.gid || change.kill_suid_sgid);
  if (loses_privileges) inode.xattrs.erase("security.capability");
  if (change.uid) inode.uid = *change.uid;
  if (change.gid) inode.gid = *change.gid;
  if (change.mode) {
    inode.mode = inode.type() | (*change.mode & 07777);
    if (inode.access_acl) inode.access_acl->Chmod(inode.mode);
  } else if (loses_privileges) {
    ClearSetId(inode);
  }
  if (change.atime) inode.atime = {*change.atime, *change.atime};
  if (change.mtime) inode.mtime = {*change.mtime, *change.mtime};
  if (change.ctime) {
    inode.ctime = {*change.ctime, *change.ctime};
  } else if (change.mode || change.uid || change.gid || change.atime || change.mtime ||
             change.kill_suid_sgid) {
    Stamp(inode.ctime);
  }
  return {};
}

ModelTree::Outcome ModelTree::SetXattr(InodeNumber number, const std::string& name,
                                       const std::string& value, XattrMode mode) {
  if (auto error = CheckXattrName(name)) return error;
  if (value.size() > 65536) return ErrorCode::kAttributeTooBig;
  if (!Has(number)) return ErrorCode::kStale;
  ModelInode& inode = at(number);
  if (auto error = CheckXattrTarget(inode, name, true)) return error;
  const bool exists = inode.xattrs.contains(name);
  if (exists && mode == XattrMode::kCreate) return ErrorCode::kExists;
  if (!exists && mode == XattrMode::kReplace) return ErrorCode::kNoAttribute;
  inode.xattrs[name] = value;
  Stamp(inode.ctime);
  return {};
}

ModelTree::Outcome ModelTree::SetAcl(InodeNumber number, bool is_default, const ModelAcl& acl) {
  if (!Has(number)) return ErrorCode::kStale;
  ModelInode& inode = at(number);
  if (inode.is_symlink()) return ErrorCode::kUnsupported;
  if (is_default) {
    if (!inode.is_directory()) return ErrorCode::kAccessDenied;
    inode.default_acl = acl;
  } else {
    inode.access_acl.reset();
    if (!acl.minimal()) inode.access_acl = acl;
    inode.mode = (inode.mode & ~0777u) | acl.ModeBits();
  }
  Stamp(inode.ctime);
  return {};
}

ModelTree::Outcome ModelTree::GetXattr(InodeNumber number, const std::string& name,
                                       std::string* value) const {
  if (auto error = CheckXattrName(name)) return error;
  if (!Has(number)) return ErrorCode::kStale;
  const ModelInode& inode = nodes_.at(number);
  if (auto error = CheckXattrTarget(inode, name, false)) return error;
  if (IsAcl(name)) {
    const auto& acl = name == kAccessAcl ? inode.access_acl : inode.default_acl;
    if (!acl) return ErrorCode::kNoAttribute;
    *value = acl->Encode();
    return {};
  }
  const auto it = inode.xattrs.find(name);
  if (it == inode.xattrs.end()) return ErrorCode::kNoAttribute;
  *value = it->second;
  return {};
}

ModelTree::Outcome ModelTree::RemoveXattr(InodeNumber number, const std::string& name) {
  if (auto error = CheckXattrName(name)) return error;
  if (!Has(number)) return ErrorCode::kStale;
  ModelInode& inode = at(number);
  if (auto error = CheckXattrTarget(inode, name, true)) return error;
  std::string value;
  if (auto error = GetXattr(number, name, &value)) return error;
  if (name == kAccessAcl) inode.access_acl.reset();
  if (name == kDefaultAcl) inode.default_acl.reset();
  inode.xattrs.erase(name);
  Stamp(inode.ctime);
  return {};
}

std::vector<std::string> ModelTree::XattrNames(InodeNumber number) const {
  const ModelInode& inode = nodes_.at(number);
  std::vector<std::string> names;
  for (const auto& [name, value] : inode.xattrs) names.push_back(name);
  if (inode.access_acl) names.push_back(kAccessAcl);
  if (inode.default_acl) names.push_back(kDefaultAcl);
  std::sort(names.begin(), names.end());
  return names;
}

ModelTree::Outcome ModelTree::Write(InodeNumber number, uint64_t offset, std::string_view data,
                                    bool kill_suid_sgid) {
  if (data.empty()) return {};
  if (offset > kMaxSize || data.size() > kMaxSize - offset) return ErrorCode::kFileTooBig;
  if (auto error = FindRegular(number)) return error;
  ModelInode& file = at(number);
  file.data.Write(offset, data);
  if (kill_suid_sgid) ClearSetId(file);
  StampContent(file);
  return {};
}

ModelTree::Outcome ModelTree::Resize(InodeNumber number, uint64_t offset, uint64_t length,
                                     bool keep_size, bool zero) {
  if (length == 0) return ErrorCode::kInvalid;
  if (offset > kMaxSize || length > kMaxSize - offset) return ErrorCode::kFileTooBig;
  if (auto error = FindRegular(number)) return error;
  ModelInode& file = at(number);
  if (zero) file.data.Zero(offset, length);
  if (!keep_size && offset + length > file.data.size()) file.data.Resize(offset + length);
  ClearSetId(file);
  StampContent(file);
  return {};
}

ModelTree::Outcome ModelTree::CopyRange(InodeNumber from, uint64_t from_offset, InodeNumber to,
                                        uint64_t to_offset, uint64_t length, uint64_t* copied) {
  *copied = 0;
  if (to_offset > kMaxSize || length > kMaxSize - to_offset) return ErrorCode::kFileTooBig;
  const bool overlap =
      from == to && from_offset < to_offset + length && to_offset < from_offset + length;
  if (overlap) return ErrorCode::kInvalid;
  if (length == 0) return {};
  if (auto error = FindRegular(from)) return error;
  const std::string data = at(from).data.Read(from_offset, length);
  if (data.empty()) return {};
  if (auto error = Write(to, to_offset, data, true)) return error;
  *copied = data.size();
  return {};
}

}  // namespace chainfs::fs::model

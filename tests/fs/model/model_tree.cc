// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/model/model_tree.h"

#include "fs/clock.h"

namespace chainfs::fs::model {
namespace {

constexpr uint32_t kDirectory = 0040000, kSymlink = 0120000, kSetGid = 02000;

ModelTree::Outcome CheckName(const std::string& name) {
  if (name.size() > 255) return ErrorCode::kNameTooLong;
  const bool sound = !name.empty() && name.find('/') == name.npos && name.find('\0') == name.npos;
  return sound ? ModelTree::Outcome() : ErrorCode::kInvalid;
}

bool IsDots(const std::string& name) { return name == "." || name == ".."; }

}  // namespace

ModelTree::ModelTree(InodeNumber root, const Attributes& attributes) : root_(root) {
  ModelInode node;
  node.mode = attributes.mode;
  node.uid = attributes.uid;
  node.gid = attributes.gid;
  node.nlink = 2;
  node.atime = {attributes.atime, attributes.atime};
  node.mtime = {attributes.mtime, attributes.mtime};
  node.ctime = {attributes.ctime, attributes.ctime};
  node.btime = {attributes.btime, attributes.btime};
  node.parent = root;
  nodes_[root] = node;
  numbers_.push_back(root);
}

void ModelTree::BeginOperation() { before_ = Now(); }

void ModelTree::Stamp(Moment& moment) const { moment = {before_, Now()}; }

void ModelTree::StampEntries(ModelInode& directory) const {
  Stamp(directory.mtime);
  Stamp(directory.ctime);
}

ModelTree::Outcome ModelTree::FindDirectory(InodeNumber number, bool live) {
  if (!Has(number)) return ErrorCode::kStale;
  if (!at(number).is_directory()) return ErrorCode::kNotDirectory;
  return live && at(number).nlink == 0 ? Outcome(ErrorCode::kNotFound) : Outcome();
}

ModelTree::Outcome ModelTree::CheckVacant(InodeNumber parent, const std::string& name) {
  if (auto error = CheckName(name)) return error;
  if (auto error = FindDirectory(parent, false)) return error;
  if (IsDots(name)) return ErrorCode::kExists;
  if (auto error = FindDirectory(parent, true)) return error;
  return at(parent).entries.contains(name) ? Outcome(ErrorCode::kExists) : Outcome();
}

ModelTree::Outcome ModelTree::Lookup(InodeNumber parent, const std::string& name,
                                     InodeNumber* found) {
  if (auto error = CheckName(name)) return error;
  if (name == ".") {
    if (!Has(parent)) return ErrorCode::kStale;
    *found = parent;
    return {};
  }
  if (auto error = FindDirectory(parent, false)) return error;
  const ModelInode& directory = at(parent);
  if (name == "..") {
    if (!Has(directory.parent)) return ErrorCode::kStale;
    *found = directory.parent;
    return {};
  }
  const auto it = directory.entries.find(name);
  if (it == directory.entries.end()) return ErrorCode::kNotFound;
  *found = it->second.inode;
  return {};
}

void ModelTree::Forget(InodeNumber inode, uint64_t count) {
  at(inode).held -= std::min(count, at(inode).held);
  DropIfUnused(inode);
}

void ModelTree::ForgetAll() {
  for (const InodeNumber number : std::vector(numbers_)) {
    at(number).held = 0;
    DropIfUnused(number);
  }
}

void ModelTree::DropIfUnused(InodeNumber inode) {
  if (at(inode).held == 0 && at(inode).nlink == 0) Erase(inode);
}

void ModelTree::Erase(InodeNumber inode) {
  const size_t place = at(inode).place;
  numbers_[place] = numbers_.back();
  at(numbers_[place]).place = place;
  numbers_.pop_back();
  nodes_.erase(inode);
}

ModelInode& ModelTree::NewNode(InodeNumber number, InodeNumber parent, uint32_t type,
                               const NewInode& inode) {
  const ModelInode& directory = at(parent);
  ModelInode node;
  node.mode = type | (inode.mode & 07777);
  node.uid = inode.uid;
  node.gid = inode.gid;
  node.nlink = type == kDirectory ? 2 : 1;
  if (type == 0020000 || type == 0060000) node.rdev = inode.rdev;
  if (type == kDirectory) node.parent = parent;
  if ((directory.mode & kSetGid) != 0) {
    node.gid = directory.gid;
    if (type == kDirectory) node.mode |= kSetGid;
  }
  if (directory.default_acl && type != kSymlink) {
    const ModelAcl acl = directory.default_acl->Inherited(inode.mode);
    node.mode = (node.mode & ~0777u) | acl.ModeBits();
    if (!acl.minimal()) node.access_acl = acl;
    if (type == kDirectory) node.default_acl = directory.default_acl;
  } else if (type != kSymlink) {
    node.mode &= ~(inode.umask & 0777);
  }
  for (Moment* moment : {&node.atime, &node.mtime, &node.ctime, &node.btime}) Stamp(*moment);
  node.place = numbers_.size();
  numbers_.push_back(number);
  return nodes_[number] = node;
}

void ModelTree::AddEntry(InodeNumber parent, const std::string& name, InodeNumber inode) {
  ModelInode& directory = at(parent);
  directory.entries[name] = {inode, directory.next_order++};
  StampEntries(directory);
}

ModelTree::Outcome ModelTree::Make(InodeNumber parent, const std::string& name, uint32_t type,
                                   const NewInode& inode, const std::string& target,
                                   InodeNumber number) {
  if (type == kSymlink && target.empty()) return ErrorCode::kNotFound;
  if (type == kSymlink && target.size() > 4095) return ErrorCode::kNameTooLong;
  if (auto error = CheckVacant(parent, name)) return error;
  NewInode parameters = inode;
  if (type == kSymlink) parameters.mode = 0777;
  ModelInode& node = NewNode(number, parent, type, parameters);
  node.target = target;
  node.held = 1;
  AddEntry(parent, name, number);
  if (type == kDirectory) ++at(parent).nlink;
  return {};
}

ModelTree::Outcome ModelTree::CreateTemporary(InodeNumber parent, const NewInode& inode,
                                              InodeNumber number) {
  if (auto error = FindDirectory(parent, true)) return error;
  ModelInode& node = NewNode(number, parent, 0100000, inode);
  node.nlink = 0;
  node.held = 1;
  return {};
}

ModelTree::Outcome ModelTree::Link(InodeNumber inode, InodeNumber parent, const std::string& name) {
  if (auto error = CheckVacant(parent, name)) return error;
  if (!Has(inode)) return ErrorCode::kStale;
  if (at(inode).is_directory()) return ErrorCode::kNotPermitted;
  AddEntry(parent, name, inode);
  ++at(inode).nlink;
  ++at(inode).held;
  Stamp(at(inode).ctime);
  return {};
}

void ModelTree::DropLink(InodeNumber number) {
  ModelInode& inode = at(number);
  inode.nlink = inode.is_directory() ? 0 : inode.nlink - 1;
  Stamp(inode.ctime);
  DropIfUnused(number);
}

ModelTree::Outcome ModelTree::Unlink(InodeNumber parent, const std::string& name) {
  if (auto error = CheckName(name)) return error;
  if (IsDots(name)) return ErrorCode::kIsDirectory;
  if (auto error = FindDirectory(parent, false)) return error;
  ModelInode& directory = at(parent);
  const auto it = directory.entries.find(name);
  if (it == directory.entries.end()) return ErrorCode::kNotFound;
  const InodeNumber target = it->second.inode;
  if (at(target).is_directory()) return ErrorCode::kIsDirectory;
  directory.entries.erase(it);
  StampEntries(directory);
  DropLink(target);
  return {};
}

ModelTree::Outcome ModelTree::RemoveDirectory(InodeNumber parent, const std::string& name) {
  if (auto error = CheckName(name)) return error;
  if (name == ".") return ErrorCode::kInvalid;
  if (name == "..") return ErrorCode::kNotEmpty;
  if (auto error = FindDirectory(parent, false)) return error;
  ModelInode& directory = at(parent);
  const auto it = directory.entries.find(name);
  if (it == directory.entries.end()) return ErrorCode::kNotFound;
  const InodeNumber target = it->second.inode;
  if (!at(target).is_directory()) return ErrorCode::kNotDirectory;
  if (!at(target).entries.empty()) return ErrorCode::kNotEmpty;
  directory.entries.erase(it);
  StampEntries(directory);
  --directory.nlink;
  DropLink(target);
  return {};
}

}  // namespace chainfs::fs::model

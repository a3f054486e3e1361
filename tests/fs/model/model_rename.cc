// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fs/model/model_tree.h"

namespace chainfs::fs::model {
namespace {

bool IsDots(const std::string& name) { return name == "." || name == ".."; }

bool IsUnsound(const std::string& name) {
  return name.empty() || name.find('/') != name.npos || name.find('\0') != name.npos;
}

}  // namespace

bool ModelTree::IsWithin(InodeNumber directory, InodeNumber ancestor) const {
  while (directory != ancestor) {
    if (directory == root_) return false;
    directory = nodes_.at(directory).parent;
  }
  return true;
}

ModelTree::Outcome ModelTree::CheckRename(InodeNumber parent, const std::string& name,
                                          InodeNumber new_parent, const std::string& new_name,
                                          RenameMode mode) {
  for (const std::string* each : {&name, &new_name}) {
    if (each->size() > 255) return ErrorCode::kNameTooLong;
    if (IsUnsound(*each)) return ErrorCode::kInvalid;
  }
  if (IsDots(name)) return ErrorCode::kBusy;
  if (IsDots(new_name)) {
    return mode == RenameMode::kNoReplace ? ErrorCode::kExists : ErrorCode::kBusy;
  }
  if (auto error = FindDirectory(parent, false)) return error;
  if (auto error = FindDirectory(new_parent, false)) return error;
  const ModelInode& from = at(parent);
  const ModelInode& to = at(new_parent);
  if (!from.entries.contains(name)) return ErrorCode::kNotFound;
  const bool replaces = to.entries.contains(new_name);
  if (replaces && mode == RenameMode::kNoReplace) return ErrorCode::kExists;
  if (!replaces && mode == RenameMode::kExchange) return ErrorCode::kNotFound;
  if (to.nlink == 0) return ErrorCode::kNotFound;
  const InodeNumber source = from.entries.at(name).inode;
  if (at(source).is_directory() && IsWithin(new_parent, source)) return ErrorCode::kInvalid;
  if (!replaces) return {};
  const InodeNumber target = to.entries.at(new_name).inode;
  if (at(target).is_directory() && IsWithin(parent, target)) {
    return mode == RenameMode::kExchange ? ErrorCode::kInvalid : ErrorCode::kNotEmpty;
  }
  if (source == target || mode == RenameMode::kExchange) return {};
  if (at(source).is_directory()) {
    if (!at(target).is_directory()) return ErrorCode::kNotDirectory;
    if (!at(target).entries.empty()) return ErrorCode::kNotEmpty;
  } else if (at(target).is_directory()) {
    return ErrorCode::kIsDirectory;
  }
  return {};
}

ModelTree::Outcome ModelTree::Rename(InodeNumber parent, const std::string& name,
                                     InodeNumber new_parent, const std::string& new_name,
                                     RenameMode mode, InodeNumber whiteout) {
  if (auto error = CheckRename(parent, name, new_parent, new_name, mode)) return error;
  ModelInode& from = at(parent);
  ModelInode& to = at(new_parent);
  const InodeNumber source = from.entries.at(name).inode;
  const auto replaced = to.entries.find(new_name);
  const bool replaces = replaced != to.entries.end();
  const InodeNumber target = replaces ? replaced->second.inode : InodeNumber();
  if (source == target) return {};

  if (at(source).is_directory()) --from.nlink;
  if (replaces && at(target).is_directory()) --to.nlink;
  if (mode == RenameMode::kExchange) {
    if (at(target).is_directory()) {
      ++from.nlink;
      at(target).parent = parent;
    }
    from.entries.at(name).inode = target;
    Stamp(at(target).ctime);
  } else if (mode == RenameMode::kWhiteout) {
    NewInode parameters;
    parameters.uid = from.uid;
    parameters.gid = from.gid;
    NewNode(whiteout, parent, 0020000, parameters);
    from.entries.at(name).inode = whiteout;
  } else {
    from.entries.erase(name);
  }
  if (at(source).is_directory()) {
    ++to.nlink;
    at(source).parent = new_parent;
  }
  if (replaces) {
    to.entries.at(new_name).inode = source;
  } else {
    to.entries[new_name] = {source, to.next_order++};
  }
  StampEntries(from);
  StampEntries(to);
  Stamp(at(source).ctime);
  if (replaces && mode != RenameMode::kExchange) DropLink(target);
  return {};
}

}  // namespace chainfs::fs::model

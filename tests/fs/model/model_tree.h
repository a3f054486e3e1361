// SPDX-License-Identifier: GPL-3.0-or-later
// A POSIX filesystem in plain maps: what Volume must look like after the same operations.
//
// Each operation gives the error that Volume must give, or nothing and has then been done. Those
// that make an inode are told the number that Volume gave it. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/result.h"
#include "fs/types.h"
#include "tests/fs/model/model_acl.h"
#include "tests/fs/model/model_data.h"

namespace chainfs::fs::model {

// When something was stamped: exactly, if both are equal, or during an operation.
struct Moment {
  Timestamp low, high;
};

struct ModelEntry {
  InodeNumber inode;
  uint64_t order = 0;  // of the listing
};

struct ModelInode {
  uint32_t mode = 0, uid = 0, gid = 0, nlink = 1;
  uint64_t rdev = 0;
  Moment atime, mtime, ctime, btime;
  ModelData data;                             // regular files
  std::string target;                         // symlinks
  std::map<std::string, ModelEntry> entries;  // directories
  uint64_t next_order = 0;
  InodeNumber parent;
  std::map<std::string, std::string> xattrs;  // but for the ACLs
  std::optional<ModelAcl> access_acl, default_acl;
  uint64_t held = 0;  // lookups that are owed a Forget
  size_t place = 0;   // in ModelTree::numbers_

  uint32_t type() const { return mode & 0170000; }
  bool is_directory() const { return type() == 0040000; }
  bool is_regular() const { return type() == 0100000; }
  bool is_symlink() const { return type() == 0120000; }
  uint64_t size() const {
    return is_directory() ? entries.size() : is_symlink() ? target.size() : data.size();
  }
};

class ModelTree {
 public:
  using Outcome = std::optional<ErrorCode>;  // nothing: it worked

  // Starts with one empty directory, the model's root.
  ModelTree(InodeNumber root, const Attributes& attributes);

  // To be told before the Volume's operation, so that stamps can be judged.
  void BeginOperation();

  Outcome Lookup(InodeNumber parent, const std::string& name, InodeNumber* found);
  void Retain(InodeNumber inode) { nodes_.at(inode).held++; }
  void Forget(InodeNumber inode, uint64_t count);
  // Nobody holds anything any more; what had no name is gone.
  void ForgetAll();

  Outcome Make(InodeNumber parent, const std::string& name, uint32_t type, const NewInode& inode,
               const std::string& target, InodeNumber number);
  Outcome CreateTemporary(InodeNumber parent, const NewInode& inode, InodeNumber number);
  Outcome Link(InodeNumber inode, InodeNumber parent, const std::string& name);
  Outcome Unlink(InodeNumber parent, const std::string& name);
  Outcome RemoveDirectory(InodeNumber parent, const std::string& name);
  // `whiteout`: the number of the inode that was made, if one was.
  Outcome Rename(InodeNumber parent, const std::string& name, InodeNumber new_parent,
                 const std::string& new_name, RenameMode mode, InodeNumber whiteout);

  Outcome SetAttributes(InodeNumber inode, const AttributeChange& change);
  Outcome SetXattr(InodeNumber inode, const std::string& name, const std::string& value,
                   XattrMode mode);
  Outcome SetAcl(InodeNumber inode, bool is_default, const ModelAcl& acl);
  Outcome GetXattr(InodeNumber inode, const std::string& name, std::string* value) const;
  Outcome RemoveXattr(InodeNumber inode, const std::string& name);
  std::vector<std::string> XattrNames(InodeNumber inode) const;

  Outcome Write(InodeNumber inode, uint64_t offset, std::string_view data, bool kill_suid_sgid);
  Outcome Resize(InodeNumber inode, uint64_t offset, uint64_t length, bool keep_size, bool zero);
  Outcome CopyRange(InodeNumber from, uint64_t from_offset, InodeNumber to, uint64_t to_offset,
                    uint64_t length, uint64_t* copied);

  ModelInode& at(InodeNumber inode) { return nodes_.at(inode); }
  bool Has(InodeNumber inode) const { return nodes_.contains(inode); }
  const std::map<InodeNumber, ModelInode>& nodes() const { return nodes_; }
  // All inodes, in an order that depends on nothing but the operations.
  const std::vector<InodeNumber>& numbers() const { return numbers_; }
  InodeNumber root() const { return root_; }

 private:
  Outcome FindDirectory(InodeNumber number, bool live);
  Outcome FindRegular(InodeNumber number) const;
  Outcome CheckVacant(InodeNumber parent, const std::string& name);
  ModelInode& NewNode(InodeNumber number, InodeNumber parent, uint32_t type, const NewInode& inode);
  void AddEntry(InodeNumber parent, const std::string& name, InodeNumber inode);
  void DropLink(InodeNumber inode);
  void DropIfUnused(InodeNumber inode);
  void Erase(InodeNumber inode);
  bool IsWithin(InodeNumber directory, InodeNumber ancestor) const;
  Outcome CheckRename(InodeNumber parent, const std::string& name, InodeNumber new_parent,
                      const std::string& new_name, RenameMode mode);
  void Stamp(Moment& moment) const;
  void StampEntries(ModelInode& directory) const;
  void StampContent(ModelInode& file) const;

  std::map<InodeNumber, ModelInode> nodes_;
  std::vector<InodeNumber> numbers_;
  const InodeNumber root_;
  Timestamp before_;
};

}  // namespace chainfs::fs::model

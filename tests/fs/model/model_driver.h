// SPDX-License-Identifier: GPL-3.0-or-later
// Does random operations on a Volume and on the model, and compares what they say.
//
// A failure is a GoogleTest failure that names the seed and the last operations; Step then does
// nothing any more. One thread each; several drivers may share a Volume, each below a directory of
// its own.
#pragma once

#include <deque>
#include <sstream>

#include "fs/volume.h"
#include "tests/fs/model/model_tree.h"
#include "tests/fs/model/random.h"

namespace chainfs::fs::model {

class ModelDriver {
 public:
  // `root`: an empty directory. From `crowd` inodes on, more are removed than made.
  ModelDriver(Volume* volume, InodeNumber root, uint64_t seed, size_t crowd);

  // One random operation.
  void Step();
  // Compares everything that can be reached, by name or by a lookup that is still owed a Forget.
  void CompareAll();
  // The volume has been closed and opened again.
  void Reopened(Volume* volume);

  bool failed() const { return failed_; }
  const ModelTree& tree() const { return tree_; }
  // How many operations worked, and were not meant to fail.
  uint64_t successes() const { return successes_; }

 private:
  using Outcome = ModelTree::Outcome;

  // --- choices (driver_choices.cc)
  InodeNumber AnyInode();
  InodeNumber AnyDirectory();
  InodeNumber AnyFile();
  std::string AnyName(InodeNumber directory, bool existing);
  std::string XattrName();
  NewInode AnyNewInode();
  ModelAcl AnyAcl();
  uint64_t AnyOffset(InodeNumber file);
  uint64_t AnyLength();
  Timestamp AnyTime();

  // --- operations on names (driver_names.cc)
  void Lookup();
  void Forget();
  void MakeNode();
  void MakeDirectory();
  void MakeSymlink();
  void CreateTemporary();
  void Link();
  void Unlink();
  void RemoveDirectory();
  void Rename();
  void ReadLink();
  void ReadDirectory();

  // --- on attributes and data (driver_data.cc)
  void GetAttributes();
  void SetAttributes();
  void Truncate();
  void SetXattr();
  void SetAcl();
  void GetXattr();
  void RemoveXattr();
  void ListXattrs();
  void Read();
  void Write();
  void Allocate();
  void PunchHole();
  void ZeroRange();
  void Seek();
  void CopyRange();
  void SyncSomething();

  // --- judgement (model_driver.cc)
  // Begins an operation; what follows `<<` describes it.
  std::ostringstream& Begin(const char* operation);
  void Fail(const std::string& what);
  // True if both worked.
  bool Agree(const Outcome& expected, const std::optional<ErrorCode>& actual);
  template <class T>
  bool Agree(const Outcome& expected, const Result<T>& actual) {
    return Agree(expected, actual ? std::nullopt : std::optional(actual.error().code));
  }
  // A new inode's number must be larger than any before.
  void CheckNew(InodeNumber number);
  void CompareAttributes(InodeNumber number, const Attributes& actual);
  void CompareInode(InodeNumber number);
  void CompareContent(InodeNumber number);
  void CompareListing(InodeNumber number);

  Volume* volume_;
  ModelTree tree_;
  const uint64_t seed_;
  Random random_;
  const size_t crowd_;
  uint64_t steps_ = 0, successes_ = 0;
  InodeNumber newest_;
  bool failed_ = false;
  std::deque<std::ostringstream> log_;  // the last operations
};

}  // namespace chainfs::fs::model

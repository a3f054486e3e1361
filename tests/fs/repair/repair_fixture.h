// SPDX-License-Identifier: GPL-3.0-or-later
// A vault with real content whose parts can be found, broken and repaired.
#pragma once

#include <map>

#include "fs/core.h"
#include "fs/repair/plan.h"
#include "fs/repair/quarantine.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs::repair {

// What a file or directory looks like from outside. Bytes that cannot be read are lost.
struct Seen {
  uint32_t mode = 0, nlink = 0;
  uint64_t size = 0;
  std::string content;  // of a file, or a symlink's target; lost blocks as '?'
  uint64_t lost_bytes = 0;
  std::map<std::string, std::string> xattrs;
  bool operator==(const Seen&) const = default;
};
using Listing = std::map<std::string, Seen>;  // by path

struct QuarantineEntry {
  QuarantineKind kind;
  Bytes key, bytes;
  uint64_t record = 0;
};

constexpr uint32_t Bit(Action action) { return static_cast<uint32_t>(action); }

class RepairTest : public ::testing::Test {
 protected:
  ~RepairTest() override;  // removes the quarantine files, too

  // Directories, some 1500 small files (a tree of three levels), a few larger ones with several
  // pieces, holes, hard links, symlinks, xattrs, reservations; in several commits, the last of
  // which changes a few files only. The listing is what should be read.
  void MakeContent();
  // One more commit: a file in the root directory. Gives the head's record afterwards.
  Sequence WriteFile(const std::string& name, const std::string& content);
  void RemoveFile(const std::string& name);
  // So many commits that every retained root is of the present state, but for one new file.
  void AgeRetainedRoots();

  // --- looking
  Listing List();
  template <class F>
  void WithCore(const F& f) {
    auto core = OpenCore(true);
    ASSERT_NE(core, nullptr);
    f(*core);
  }
  // Nodes of the newest tree by level, in the order of their keys.
  std::vector<Pointer> NodesAt(int level);
  int RootLevel();
  // The nodes on the way to an item, the root first.
  std::vector<Pointer> PathTo(const Key& key);
  InodeNumber InodeOf(const std::string& path);
  std::vector<Pointer> PiecesOf(const std::string& path);
  ObjectId XattrObjectOf(const std::string& path);
  ledger::Record NewestRecord();

  // --- breaking
  void Flip(ObjectId id);
  void FlipAllFrom(ObjectId first);  // every object from this id on
  void Drop(ObjectId id);
  void Put(ObjectId id, const Bytes& blob);
  void EditStore(const std::function<void(store::WriteTxn&)>& edit);
  // Changes the tree behind the back of those who keep it consistent, and commits.
  void EditTree(const std::function<void(Core&, Change&)>& edit);

  // --- repairing
  Result<RepairPlan> Plan(RepairOptions options = {});
  // Plans, carries out, and expects that the vault is sound and nothing is left to do.
  void Repair(RepairOptions options = {});
  void ExpectSound();
  void ExpectSoundLedger();
  // Everything there is, is as it should be.
  void ExpectContent(const Listing& expected);
  bool HasLine(const std::string& part) const;
  std::vector<QuarantineEntry> ReadQuarantine();
  std::vector<ObjectId> QuarantinedObjects(QuarantineKind kind);

  std::unique_ptr<TestVault> vault_ = std::make_unique<TestVault>();
  Listing expected_;
  uint32_t actions_ = 0;  // of the last repair
  std::vector<std::string> lines_;
  std::optional<Fallback> fallback_;
  RepairOutcome outcome_;

 private:
  std::unique_ptr<Core> OpenCore(bool read_only, ChainHead* head = nullptr);
  void ListBelow(Volume& volume, InodeNumber directory, const std::string& path, Listing& listing);
};

}  // namespace chainfs::fs::repair

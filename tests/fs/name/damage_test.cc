// SPDX-License-Identifier: GPL-3.0-or-later
// One leaf of the tree cannot be read: an operation that needs it fails, and has changed nothing.
#include "fs/name/attributes.h"
#include "fs/name/create.h"
#include "fs/name/link.h"
#include "fs/name/orphans.h"
#include "fs/name/rename.h"
#include "fs/name/xattr.h"
#include "tests/fs/core_fixture.h"

namespace chainfs::fs {
namespace {

class NameDamageTest : public CoreTest, public ::testing::WithParamInterface<size_t> {
 protected:
  NameDamageTest() { volume_key_ = crypto::SecretKey(32); }

  static constexpr int kDirectories = 3, kFiles = 900, kAttempts = 300;

  void MakeTree() {
    Open();
    {
      auto change = Begin();
      change.SetCounters({.next_inode = 2});
      ASSERT_TRUE(MakeRootDirectory(change, 0, 0));
    }
    for (int d = 0; d < kDirectories; ++d) {
      auto directory = MakeDirectory(*core_, kRootInode, std::to_string(d), {.mode = 0755});
      ASSERT_TRUE(directory);
      directories_.push_back(directory->inode);
    }
    for (int f = 0; f < kFiles; ++f) {
      const InodeNumber directory = directories_[f % kDirectories];
      auto file = MakeNode(*core_, directory, std::to_string(f), {.mode = 0644});
      ASSERT_TRUE(file);
      files_.push_back(file->inode);
      const std::string value(200, 'x');
      ASSERT_TRUE(SetXattr(*core_, file->inode, "user.a", value, XattrMode::kAny));
    }
    for (const InodeNumber file : files_) core_->lookups.Release(file, 1);
  }

  // Removes the blob of the root's child at `index`.
  void LoseLeaf(size_t index) {
    Reopen();
    orphans_ = std::make_unique<OrphanReclaimer>(*core_);  // never started
    const NodeRef root = core_->tree.root();
    ASSERT_EQ(1, root->level());
    ASSERT_LT(index, root->count());
    auto txn = core_->store->BeginWrite();
    ASSERT_TRUE(txn);
    ASSERT_TRUE(txn->DeleteObject(root->ChildIdAt(index)));
    ASSERT_TRUE(txn->Commit());
  }

  // One operation of some kind on some files. False: it failed.
  bool Attempt(int i) {
    const size_t f = static_cast<size_t>(i * (kFiles / kAttempts) + i % kDirectories);
    const InodeNumber directory = directories_[f % kDirectories];
    const InodeNumber other = directories_[(f + 1) % kDirectories];
    const std::string name = std::to_string(f), next = std::to_string(f + 1);
    const std::string fresh = "new" + name;
    const auto rename = [&](const std::string& to, RenameMode mode) {
      return !!Rename(*core_, *orphans_, directory, name, other, to, mode);
    };
    switch (i % 8) {
      case 0:
        return !!Unlink(*core_, *orphans_, directory, name);
      case 1:
        return rename(next, RenameMode::kReplace);
      case 2:
        return rename(next, RenameMode::kExchange);
      case 3:
        return !!Link(*core_, files_[f], other, fresh);
      case 4:
        return !!MakeNode(*core_, directory, fresh, {.mode = 0644});
      case 5:
        return rename(fresh, RenameMode::kWhiteout);
      case 6:
        return !!RemoveXattr(*core_, files_[f], "user.a");
      default:
        return !!SetAttributes(*core_, files_[f], {.uid = 5});
    }
  }

  // All items that can be read, and the counters.
  std::map<Key, Bytes> Snapshot() {
    ReadView view(*core_);
    std::map<Key, Bytes> items;
    const NodeRef root = view.tree().root();
    for (size_t i = 0; i < root->count(); ++i) {
      auto leaf = core_->nodes.Get(root->ChildAt(i));
      for (size_t j = 0; leaf && j < (*leaf)->count(); ++j) {
        const ByteView value = (*leaf)->ValueAt(j);
        items[(*leaf)->KeyAt(j)] = Bytes(value.begin(), value.end());
      }
    }
    const RootCounters counters = view.tree().counters();
    Bytes& last = items[Key(InodeNumber(UINT64_MAX), ItemKind::kRef, 0)];
    Writer(last).Int(counters.next_inode);
    Writer(last).Int(counters.inodes);
    return items;
  }

  std::vector<InodeNumber> directories_, files_;
  std::unique_ptr<OrphanReclaimer> orphans_;
};

TEST_P(NameDamageTest, AFailedOperationHasChangedNothing) {
  MakeTree();
  LoseLeaf(GetParam());
  may_fail_to_close_ = true;
  size_t failures = 0;
  for (int i = 0; i < kAttempts; ++i) {
    const auto before = Snapshot();
    if (Attempt(i)) continue;
    ++failures;
    EXPECT_EQ(before, Snapshot()) << "attempt " << i;
  }
  EXPECT_GT(failures, 0u);
  EXPECT_LT(failures, static_cast<size_t>(kAttempts));
}

// The leaves that have to do with directories: behind them there are only files.
INSTANTIATE_TEST_SUITE_P(Leaves, NameDamageTest, ::testing::Range<size_t>(0, 9));

}  // namespace
}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes of the tree that cannot be read: what is rebuilt, what the volume falls back to, and what
// is given up.
#include "tests/fs/repair/repair_fixture.h"

namespace chainfs::fs::repair {
namespace {

class TreeDamageTest : public RepairTest {
 protected:
  void SetUp() override { MakeContent(); }
};

TEST_F(TreeDamageTest, FindsNothingToDoInAHealthyVault) {
  ASSERT_EQ(RootLevel(), 2) << "the tests below need inner nodes beside the root";
  auto plan = Plan();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->empty());
  EXPECT_EQ(plan->lines(), std::vector<std::string>());
}

TEST_F(TreeDamageTest, RebuildsTheRootFromWhatWasBelowIt) {
  const Pointer root = NodesAt(2)[0];
  Flip(root.id);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildNodes) | Bit(Action::kRepairCounters));
  EXPECT_TRUE(HasLine("1 inner node of the tree cannot be read"));
  EXPECT_FALSE(fallback_);
  ExpectContent(expected_);
  EXPECT_EQ(QuarantinedObjects(QuarantineKind::kDamagedObject), std::vector{root.id});
}

TEST_F(TreeDamageTest, RebuildsAnInnerNodeWithoutLoss) {
  const std::vector<Pointer> inner = NodesAt(1);
  ASSERT_GE(inner.size(), 2u);
  Drop(inner[0].id);
  Repair();
  EXPECT_EQ(actions_, Bit(Action::kRebuildNodes));
  ExpectContent(expected_);
  // What is not there cannot be kept; the root above it is replaced.
  EXPECT_EQ(QuarantinedObjects(QuarantineKind::kDamagedObject), std::vector<ObjectId>());
}

TEST_F(TreeDamageTest, RebuildsAllInnerNodesAtOnce) {
  const Pointer root = NodesAt(2)[0];
  for (const Pointer& node : NodesAt(1)) Flip(node.id);
  Flip(root.id);
  // With the root gone nobody can say that there is no leaf among the others: not without asking.
  Repair({.salvage = true});
  EXPECT_TRUE(actions_ & Bit(Action::kRebuildNodes));
  EXPECT_FALSE(actions_ & (Bit(Action::kGiveUpData) | Bit(Action::kRepairEntries)));
  ExpectContent(expected_);
}

TEST_F(TreeDamageTest, FallsBackForALeafAndSaysWhatIsLost) {
  const Listing before = expected_;
  const Sequence newest = WriteFile("new", std::string(900, 'n'));
  const Listing after = List();
  const Pointer leaf = PathTo(Key(InodeOf("/new"), ItemKind::kInode, 0)).back();
  Flip(leaf.id);
  Repair();
  ASSERT_TRUE(fallback_);
  EXPECT_LT(fallback_->record, newest);
  EXPECT_TRUE(HasLine("goes back to record " + std::to_string(fallback_->record.value)));
  EXPECT_EQ(NewestRecord().repair.fallback, fallback_->record);
  EXPECT_EQ(NewestRecord().type, ledger::RecordType::kRepair);
  ExpectContent(before);
  const auto damaged = QuarantinedObjects(QuarantineKind::kDamagedObject);
  EXPECT_EQ(damaged, std::vector{leaf.id});
}

TEST_F(TreeDamageTest, FallbackBringsBackWhatDiedSince) {
  const Listing before = expected_;
  const ObjectId first_new = NewestRecord().next_id;
  const Sequence base = NewestRecord().sequence;
  RemoveFile("big");
  RemoveFile("sparse");
  RemoveFile("tagged");
  WriteFile("big", std::string(100000, 'n'));
  // Nothing that was written since can be read.
  FlipAllFrom(first_new);
  Repair();
  ASSERT_TRUE(fallback_);
  EXPECT_EQ(fallback_->record, base);
  EXPECT_TRUE(actions_ & Bit(Action::kCopyObjects));
  ExpectContent(before);
  // Not the same number twice, whatever the old state knew.
  WriteFile("another", "x");
  EXPECT_GT(InodeOf("/another"), InodeOf("/tagged"));
  EXPECT_GT(InodeOf("/another").value, uint64_t{1} << 32);
}

TEST_F(TreeDamageTest, NeedsToBeAllowedToFallBack) {
  WriteFile("new", std::string(900, 'n'));
  Flip(PathTo(Key(InodeOf("/new"), ItemKind::kInode, 0)).back().id);
  const Sequence head = NewestRecord().sequence;
  {
    auto plan = Plan();
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->LosesContent());
    const std::string path = plan->DefaultQuarantinePath();
    auto outcome = plan->CarryOut({});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::kNotPermitted);
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_EQ(NewestRecord().sequence, head);
}

TEST_F(TreeDamageTest, SalvageGivesUpOneLeafAndKeepsTheRest) {
  WriteFile("new", std::string(900, 'n'));
  expected_ = List();
  const InodeNumber file = InodeOf("/d3/f1003");
  const Pointer leaf = PathTo(Key(file, ItemKind::kInode, 0)).back();
  std::vector<std::string> in_leaf;
  WithCore([&](Core& core) {
    auto node = core.nodes.Get(leaf);
    for (size_t i = 0; i < (*node)->count(); ++i) {
      in_leaf.push_back(std::to_string((*node)->KeyAt(i).inode));
    }
  });
  Flip(leaf.id);
  Repair({.salvage = true});
  EXPECT_FALSE(fallback_);
  EXPECT_TRUE(actions_ & Bit(Action::kGiveUpItems));
  EXPECT_TRUE(HasLine("/d3/f1003: is lost: inode " + std::to_string(file.value)));
  const Listing listing = List();
  size_t lost = 0;
  for (const auto& [path, seen] : expected_) {
    const auto found = listing.find(path);
    if (found == listing.end()) {
      ++lost;
    } else if ((seen.mode & 0170000) == 0100000) {
      EXPECT_TRUE(found->second == seen) << path;
    }
  }
  EXPECT_GT(lost, 0u);
  EXPECT_LE(lost, in_leaf.size());
  EXPECT_TRUE(listing.contains("/new"));
}

TEST_F(TreeDamageTest, SalvagesWhereNoOlderStateIsWhole) {
  // A leaf that all states have in common.
  AgeRetainedRoots();
  const InodeNumber file = InodeOf("/d0/f600");
  Flip(PathTo(Key(file, ItemKind::kInode, 0)).back().id);
  Repair();
  EXPECT_FALSE(fallback_);
  EXPECT_TRUE(HasLine("no older state is there that is whole"));
  EXPECT_TRUE(HasLine("/d0/f600: is lost"));
  const Listing listing = List();
  EXPECT_FALSE(listing.contains("/d0/f600"));
  EXPECT_TRUE(listing.at("/d4/f1499") == expected_.at("/d4/f1499"));
  EXPECT_GT(listing.size() + 20, expected_.size());
}

TEST_F(TreeDamageTest, SeveralNodesAtOnce) {
  const std::vector<Pointer> leaves = NodesAt(0);
  Flip(leaves[leaves.size() / 3].id);
  Drop(leaves[leaves.size() / 2].id);
  Flip(NodesAt(2)[0].id);
  Repair({.salvage = true});
  EXPECT_TRUE(actions_ & Bit(Action::kGiveUpItems));
  const Listing listing = List();
  EXPECT_GT(listing.size() + 60, expected_.size());
}

TEST_F(TreeDamageTest, ExtentsInALostLeafAreErrorsAndNotZeros) {
  {
    auto volume = vault_->Open({.commit_interval_ms = 1000000});
    auto made = volume->MakeNode(kRootInode, "huge", {.mode = 0100644});
    ASSERT_TRUE(made);
    // So many regions that some leaves hold nothing but its EXTENT items.
    for (uint64_t region = 0; region < 400; ++region) {
      ASSERT_TRUE(volume->Write(made->inode, region * kRegionBytes, Bytes(5000, 'h')));
    }
    volume->Forget(made->inode, 1);
    ASSERT_TRUE(volume->Close());
  }
  const InodeNumber file = InodeOf("/huge");
  const Pointer leaf = PathTo(Key(file, ItemKind::kExtent, 200)).back();
  std::vector<uint64_t> regions;
  WithCore([&](Core& core) {
    auto node = core.nodes.Get(leaf);
    for (size_t i = 0; i < (*node)->count(); ++i) {
      if ((*node)->KeyAt(i).inode == file.value) regions.push_back((*node)->KeyAt(i).offset);
    }
  });
  ASSERT_GT(regions.size(), 50u);
  Flip(leaf.id);
  Repair({.salvage = true});
  EXPECT_TRUE(actions_ & Bit(Action::kGiveUpData));
  const Seen seen = List().at("/huge");
  for (const uint64_t region : regions) {
    EXPECT_EQ(seen.content[region * kRegionBytes], '?') << region;
  }
  EXPECT_EQ(seen.lost_bytes / kRegionBytes, regions.size());
  EXPECT_EQ(seen.content[0], 'h');
}

}  // namespace
}  // namespace chainfs::fs::repair

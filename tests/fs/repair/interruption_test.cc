// SPDX-License-Identifier: GPL-3.0-or-later
// A repair that is killed, or finds the disk full: the vault is as it was, or repaired.
#include <unistd.h>

#include <csignal>

#include "fs/inode_access.h"
#include "tests/fs/repair/repair_fixture.h"
#include "tests/fs/store/child_process.h"
#include "tests/fs/store/small_disk.h"

namespace chainfs::fs::repair {
namespace {

class InterruptionTest : public RepairTest {
 protected:
  // A bit of everything: a piece, an extra object, a meta value, a link count, a header copy.
  void MakeDamage() {
    {
      auto volume = vault_->Open({.commit_interval_ms = 1000000});
      for (int i = 0; i < 3; ++i) {
        auto made = volume->MakeNode(kRootInode, "f" + std::to_string(i), {.mode = 0100644});
        ASSERT_TRUE(made);
        ASSERT_TRUE(volume->Write(made->inode, 0, Bytes(10000, static_cast<uint8_t>('a' + i))));
        volume->Forget(made->inode, 1);
        ASSERT_TRUE(volume->Sync());
      }
      ASSERT_TRUE(volume->Close());
    }
    const InodeNumber file = InodeOf("/f1");
    EditTree([&](Core&, Change& change) {
      auto inode = LoadInode(change, file);
      inode->nlink = 3;
      ASSERT_TRUE(StoreInode(change, file, *inode));
    });
    Flip(PiecesOf("/f0").front().id);
    Put(ObjectId(1000000), Bytes(3000, 1));
    EditStore([](store::WriteTxn& txn) { ASSERT_TRUE(txn.PutMeta("surprise", Bytes(3, 3))); });
    std::filesystem::remove(vault_->directory() + "/header.1");
  }
  int CountSteps() {
    const auto copy = vault_->CopyAsAfterACrash();
    int steps = 0;
    auto plan = PlanRepair(copy->directory(), copy->header(), copy->secrets(), {});
    EXPECT_TRUE(plan);
    const std::string path = plan->DefaultQuarantinePath();
    EXPECT_TRUE(
        plan->CarryOut({.quarantine_path = path, .on_step = [&](const char*) { ++steps; }}));
    std::filesystem::remove(path);
    return steps;
  }
};

TEST_F(InterruptionTest, KilledAtAnyStepTheVaultIsAsItWasOrRepaired) {
  MakeDamage();
  const auto original = vault_->CopyAsAfterACrash();
  const int steps = CountSteps();
  ASSERT_GT(steps, 15);
  const Sequence before = NewestRecord().sequence;
  Repair();
  std::filesystem::remove(outcome_.quarantine_path);
  const Listing repaired = List();
  const uint32_t actions = actions_;
  int as_it_was = 0, done = 0;
  for (int fatal = 0; fatal < steps; ++fatal) {
    SCOPED_TRACE("killed at step " + std::to_string(fatal));
    vault_ = original->CopyAsAfterACrash();
    store::ChildProcess child([&](int) {
      auto plan = Plan();
      if (!plan) return false;
      int step = 0;
      return plan
          ->CarryOut({.on_step =
                          [&](const char*) {
                            if (step++ == fatal) ::kill(::getpid(), SIGKILL);
                          }})
          .has_value();
    });
    EXPECT_FALSE(child.Succeeds());
    if (NewestRecord().sequence == before) {
      ++as_it_was;
      Repair();
      EXPECT_EQ(actions_, actions);
    } else {
      ++done;
      // What was left to do is the header, which is no part of the transaction.
      auto rest = Plan();
      ASSERT_TRUE(rest);
      EXPECT_EQ(rest->actions() & ~Bit(Action::kMendHeader), 0u);
      if (!rest->empty()) {
        ASSERT_TRUE(rest->CarryOut({}));
      }
      rest = ErrorCode::kIo;
      ExpectSound();
    }
    ExpectContent(repaired);
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(vault_->directory()).parent_path())) {
      if (entry.path().string().starts_with(vault_->directory() + ".quarantine-")) {
        std::filesystem::remove(entry.path());
      }
    }
  }
  EXPECT_EQ(as_it_was, steps - 2);
  EXPECT_EQ(done, 2);
}

class FullDiskTest : public InterruptionTest {
 protected:
  FullDiskTest() {
    char name[] = "/tmp/chainfs-disk.XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~FullDiskTest() override {
    disk_.reset();
    std::filesystem::remove_all(folder_);
  }
  bool MountDisk() {
    disk_ = std::make_unique<store::SmallDisk>(folder_, "tmpfs");
    return disk_->Ready();
  }
  std::string folder_;
  std::unique_ptr<store::SmallDisk> disk_;
};

TEST_F(FullDiskTest, NoRoomForTheQuarantineChangesNothing) {
  if (!MountDisk()) GTEST_SKIP() << "SKIPPED: no permission to mount a tmpfs: full disk not tested";
  MakeDamage();
  const Sequence before = NewestRecord().sequence;
  disk_->LeaveFree(8192);
  const std::string path = disk_->path() + "/quarantine";
  {
    auto plan = Plan();
    ASSERT_TRUE(plan);
    auto outcome = plan->CarryOut({.quarantine_path = path});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::kNoSpace);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(NewestRecord().sequence, before);
  EXPECT_FALSE(std::filesystem::exists(vault_->directory() + "/header.1"));
  Repair();
}

TEST_F(FullDiskTest, NoRoomInTheVaultChangesNothing) {
  if (!MountDisk()) GTEST_SKIP() << "SKIPPED: no permission to mount a tmpfs: full disk not tested";
  // Falling back has to write 9 MiB again, which have died.
  WriteFile("large", std::string(9 << 20, 'l'));
  expected_ = List();
  const ObjectId first_new = NewestRecord().next_id;
  RemoveFile("large");
  FlipAllFrom(first_new);
  const std::string vault = disk_->path() + "/vault", quarantine = folder_ + "/quarantine";
  std::filesystem::copy(vault_->directory(), vault, std::filesystem::copy_options::recursive);
  disk_->LeaveFree(1 << 20);
  const auto carry_out = [&]() -> Result<RepairOutcome> {
    auto plan = PlanRepair(vault, vault_->header(), vault_->secrets(), {});
    EXPECT_TRUE(plan);
    return plan->CarryOut({.quarantine_path = quarantine, .allow_fallback = true});
  };
  auto refused = carry_out();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNoSpace);
  EXPECT_FALSE(std::filesystem::exists(quarantine));
  disk_->LeaveFree(16 << 20);
  auto done = carry_out();
  ASSERT_TRUE(done) << done.error().message;
  std::filesystem::copy(
      vault, vault_->directory(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  ExpectSound();
  ExpectContent(expected_);
}

}  // namespace
}  // namespace chainfs::fs::repair

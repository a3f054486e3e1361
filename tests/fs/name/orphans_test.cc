// SPDX-License-Identifier: GPL-3.0-or-later
// Inodes without a name: how long they live, and who buries them.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "tests/fs/name/name_fixture.h"

namespace chainfs::fs {
namespace {

class OrphanTest : public NameTest {
 protected:
  // The reclaimer works on its own: waits until it has.
  void WaitFor(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(done());
  }
  void WaitForInodes(uint64_t count) {
    WaitFor([&] { return volume_->Status().inodes == count; });
  }
  // One region each, so that there are many.
  InodeNumber SparseFile(std::string_view name, uint64_t regions) {
    const InodeNumber file = File(kRootInode, name);
    for (uint64_t i = 0; i < regions; ++i) Write(file, i * kRegionBytes, "data");
    return file;
  }
  // In a process of its own: removes "f", and is killed after so many commits.
  void UnlinkAndDie(TestVault& vault, int commits) {
    int pipe_ends[2];
    ASSERT_EQ(0, pipe(pipe_ends));
    const pid_t child = fork();
    if (child == 0) {
      const auto volume = vault.Open(options_);
      if (!volume || !volume->Unlink(kRootInode, "f")) _exit(1);
      for (;;) {
        if (!volume->Sync() || write(pipe_ends[1], "", 1) != 1) _exit(1);
      }
    }
    close(pipe_ends[1]);
    char byte;
    for (int i = 0; i < commits; ++i) EXPECT_EQ(1, read(pipe_ends[0], &byte, 1));
    kill(child, SIGKILL);
    EXPECT_EQ(child, waitpid(child, nullptr, 0));
    close(pipe_ends[0]);
  }
};

TEST_F(OrphanTest, AHeldFileIsWholeUntilItsLastForget) {
  const InodeNumber file = File(kRootInode, "f");
  Write(file, 0, std::string(300'000, 'x'));
  ASSERT_TRUE(volume_->SetXattr(file, "user.a", std::string(9'000, 'a'), XattrMode::kAny));
  Hold(kRootInode, "f");
  Hold(kRootInode, "f");
  ASSERT_TRUE(volume_->Unlink(kRootInode, "f"));
  EXPECT_EQ(0u, Stat(file).nlink);
  Write(file, 300'000, "more");
  EXPECT_EQ("xmore", Read(file, 299'999, 100));
  EXPECT_EQ(9'000u, volume_->GetXattr(file, "user.a")->size());
  volume_->Forget(file, 1);
  EXPECT_EQ("more", Read(file, 300'000, 100)) << "it is held once more";
  volume_->Forget(file, 1);
  WaitForInodes(1);
  EXPECT_ERROR(kStale, volume_->GetAttributes(file));
}

TEST_F(OrphanTest, WhatNobodyHoldsGoesWithItsName) {
  const InodeNumber file = File(kRootInode, "f");
  Write(file, 0, std::string(300'000, 'x'));
  const InodeNumber directory = Directory(kRootInode, "d");
  ASSERT_TRUE(volume_->Unlink(kRootInode, "f"));
  ASSERT_TRUE(volume_->RemoveDirectory(kRootInode, "d"));
  EXPECT_ERROR(kStale, volume_->GetAttributes(file));
  EXPECT_ERROR(kStale, volume_->GetAttributes(directory));
  EXPECT_EQ(1u, volume_->Status().inodes);
}

TEST_F(OrphanTest, ALargeFileGoesInTheBackground) {
  const InodeNumber file = SparseFile("f", 3'000);
  ASSERT_TRUE(volume_->Sync());
  ASSERT_TRUE(volume_->Unlink(kRootInode, "f"));
  EXPECT_EQ(InodeNumber(0), Find(kRootInode, "f"));
  // Not before it is whole: somebody may ask by number, as NFS does.
  EXPECT_ERROR(kStale, volume_->Lookup(file, "."));
  WaitForInodes(1);
}

TEST_F(OrphanTest, ThousandsForgottenAtOnce) {
  std::vector<InodeNumber> files;
  for (int i = 0; i < 3'000; ++i) {
    const std::string name = std::to_string(i);
    const auto made = volume_->MakeNode(kRootInode, name, {.mode = 0644});
    ASSERT_TRUE(made);
    files.push_back(made->inode);
    ASSERT_TRUE(volume_->Unlink(kRootInode, name));
  }
  EXPECT_EQ(3'001u, volume_->Status().inodes);
  for (const InodeNumber file : files) volume_->Forget(file, 1);
  WaitForInodes(1);
  EXPECT_EQ(0u, volume_->Status().lookups);
}

TEST_F(OrphanTest, UnmountReclaimsWhatIsHeld) {
  SparseFile("f", 500);
  Hold(kRootInode, "f");
  ASSERT_TRUE(volume_->Unlink(kRootInode, "f"));
  Reopen();
  EXPECT_EQ(1u, volume_->Status().inodes);
}

TEST_F(OrphanTest, TheNextMountReclaimsWhatACrashLeft) {
  SparseFile("large", 700);
  File(kRootInode, "small");
  Hold(kRootInode, "large");
  Hold(kRootInode, "small");
  ASSERT_TRUE(volume_->Unlink(kRootInode, "large"));
  ASSERT_TRUE(volume_->Unlink(kRootInode, "small"));
  ASSERT_TRUE(volume_->CreateTemporary(kRootInode, {.mode = 0600}));
  ASSERT_TRUE(volume_->Sync());
  const auto crashed = vault_.CopyAsAfterACrash();
  {
    const auto volume = crashed->Open(options_);
    ASSERT_NE(nullptr, volume);
    WaitFor([&] { return volume->Status().inodes == 1; });
    EXPECT_TRUE(volume->Close());
  }
  for (const std::string& finding : FindInconsistencies(*crashed)) ADD_FAILURE() << finding;
}

TEST_F(OrphanTest, AReclaimThatIsKilledHalfwayIsFinished) {
  SparseFile("f", 2'000);
  Close();
  for (int commits = 1; commits <= 4; ++commits) {
    const auto copy = vault_.CopyAsAfterACrash();
    UnlinkAndDie(*copy, commits);
    {
      const auto volume = copy->Open(options_);
      ASSERT_NE(nullptr, volume);
      EXPECT_ERROR(kNotFound, volume->Lookup(kRootInode, "f"));
      WaitFor([&] { return volume->Status().inodes == 1; });
      EXPECT_TRUE(volume->Close());
    }
    for (const std::string& finding : FindInconsistencies(*copy)) ADD_FAILURE() << finding;
  }
}

TEST_F(OrphanTest, ATemporaryFileCanBeNamed) {
  const auto made = volume_->CreateTemporary(kRootInode, {.mode = 0600});
  ASSERT_TRUE(made);
  EXPECT_EQ(0u, made->nlink);
  Write(made->inode, 0, "content");
  const auto linked = volume_->Link(made->inode, kRootInode, "named");
  ASSERT_TRUE(linked);
  EXPECT_EQ(1u, linked->nlink);
  volume_->Forget(made->inode, 2);
  Reopen();
  EXPECT_EQ("content", Read(Find(kRootInode, "named"), 0, 100));
}

TEST_F(OrphanTest, ATemporaryFileThatIsForgottenIsGone) {
  const auto made = volume_->CreateTemporary(kRootInode, {.mode = 0600});
  ASSERT_TRUE(made);
  EXPECT_EQ(2u, volume_->Status().inodes);
  volume_->Forget(made->inode, 1);
  WaitForInodes(1);
}

TEST_F(OrphanTest, ATruncatedFileThatIsUnlinkedGoesWhole) {
  const InodeNumber file = SparseFile("f", 2'000);
  Hold(kRootInode, "f");
  ASSERT_TRUE(volume_->Unlink(kRootInode, "f"));
  ASSERT_TRUE(volume_->SetAttributes(file, {.size = 5}));
  EXPECT_EQ(std::string("data\0", 5), Read(file, 0, 10));
  volume_->Forget(file, 1);
  WaitForInodes(1);
}

TEST_F(OrphanTest, AnUnlinkDuringATruncationLeavesNothing) {
  for (int round = 0; round < 10; ++round) {
    const InodeNumber file = SparseFile("f", 600);
    Hold(kRootInode, "f");
    std::thread truncation([&] { (void)volume_->SetAttributes(file, {.size = 0}); });
    EXPECT_TRUE(volume_->Unlink(kRootInode, "f"));
    truncation.join();
    volume_->Forget(file, 1);
  }
  WaitForInodes(1);
}

}  // namespace
}  // namespace chainfs::fs

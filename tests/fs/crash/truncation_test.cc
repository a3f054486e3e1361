// SPDX-License-Identifier: GPL-3.0-or-later
// Truncations of files so large that they take many commits, and what comes in between.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "tests/fs/volume_check.h"
#include "tests/fs/volume_fixture.h"

namespace chainfs::fs {
namespace {

class TruncationTest : public VolumeTest {
 protected:
  static constexpr uint64_t kRegions = 20'000;

  TruncationTest() { options_.commit_interval_ms = 1; }

  // Sparse: one block a region.
  InodeNumber MakeLargeFile() {
    auto file = volume_->MakeNode(kRootInode, "f", {.mode = 0644});
    EXPECT_TRUE(file);
    const Bytes block(kBlockBytes, 0xaa);
    for (uint64_t i = 0; i < kRegions; ++i) {
      EXPECT_TRUE(volume_->Write(file->inode, i * kRegionBytes, block));
    }
    volume_->Forget(file->inode, 1);
    return file->inode;
  }

  // In a process of its own: truncates the file, and is killed after so many commits, if there are
  // so many.
  void TruncateAndDie(TestVault& vault, InodeNumber file, uint64_t size, int commits) {
    int pipe_ends[2];
    ASSERT_EQ(0, pipe(pipe_ends));
    const pid_t child = fork();
    if (child == 0) {
      const auto volume = vault.Open(options_);
      if (!volume) _exit(1);
      std::thread truncation([&] {
        const bool done = volume->SetAttributes(file, {.size = size}) && volume->Sync();
        _exit(done ? 0 : 1);
      });
      for (uint64_t before = volume->Status().commits;;) {
        const uint64_t now = volume->Status().commits;
        if (now > before && write(pipe_ends[1], "", 1) != 1) _exit(1);
        before = now;
      }
    }
    close(pipe_ends[1]);
    char byte;
    for (int i = 0; i < commits && read(pipe_ends[0], &byte, 1) == 1; ++i) continue;
    kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(child, waitpid(child, &status, 0));
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    close(pipe_ends[0]);
  }

  static bool IsZero(Volume& volume, InodeNumber file, uint64_t from, uint64_t to) {
    Bytes data(kBlockBytes);
    for (uint64_t at = from; at < to; at += kRegionBytes) {
      auto read = volume.Read(file, at, data);
      if (!read || std::any_of(data.begin(), data.end(), [](uint8_t b) { return b != 0; })) {
        return false;
      }
    }
    return true;
  }
};

TEST_F(TruncationTest, WhatWasCutOffStaysZeroIfTheFileGrowsRightAfterACrash) {
  const InodeNumber file = MakeLargeFile();
  Close();
  int caught = 0;
  // Not every kill comes in the middle.
  for (int round = 0; round < 40 && (round < 4 || caught == 0); ++round) {
    const auto copy = vault_.CopyAsAfterACrash();
    TruncateAndDie(*copy, file, 5 * kRegionBytes, 1 + round % 4);
    {
      const auto volume = copy->Open(options_);
      ASSERT_NE(nullptr, volume);
      const auto attributes = volume->GetAttributes(file);
      ASSERT_TRUE(attributes);
      // The whole of the truncation, as far as anybody can see, or nothing of it.
      if (attributes->size == 5 * kRegionBytes) {
        caught += attributes->blocks_512 > 5 * 8 ? 1 : 0;
        const Bytes byte(1, 1);
        switch (round % 3) {
          case 0:
            EXPECT_TRUE(volume->SetAttributes(file, {.size = kRegions * kRegionBytes}));
            break;
          case 1:
            EXPECT_TRUE(volume->Write(file, kRegions * kRegionBytes, byte));
            break;
          default:
            EXPECT_TRUE(volume->Allocate(file, kRegions * kRegionBytes, 1, false));
        }
        EXPECT_TRUE(IsZero(*volume, file, 5 * kRegionBytes, kRegions * kRegionBytes));
      } else {
        EXPECT_EQ(kRegions - 1, (attributes->size - kBlockBytes) / kRegionBytes);
      }
      EXPECT_TRUE(volume->Close());
    }
    for (const std::string& finding : FindInconsistencies(*copy)) ADD_FAILURE() << finding;
  }
  EXPECT_GT(caught, 0) << "no kill came in the middle: the test says nothing";
}

TEST_F(TruncationTest, IsFinishedAfterACrash) {
  const InodeNumber file = MakeLargeFile();
  Close();
  TruncateAndDie(vault_, file, 0, 2);
  Open();
  for (;;) {  // by the reclaimer
    const auto attributes = volume_->GetAttributes(file);
    ASSERT_TRUE(attributes);
    if (attributes->blocks_512 == 0 || attributes->size != 0) break;
    std::this_thread::yield();
  }
  Close();
  for (const std::string& finding : FindInconsistencies(vault_)) ADD_FAILURE() << finding;
}

TEST_F(TruncationTest, OthersUseTheFileMeanwhile) {
  const InodeNumber file = MakeLargeFile();
  std::thread truncation(
      [&] { EXPECT_TRUE(volume_->SetAttributes(file, {.size = kRegionBytes})); });
  while (volume_->GetAttributes(file)->size != kRegionBytes) std::this_thread::yield();
  const Bytes byte(1, 1);
  EXPECT_TRUE(volume_->Write(file, kRegions * kRegionBytes, byte));
  EXPECT_TRUE(IsZero(*volume_, file, kRegionBytes, kRegions * kRegionBytes));
  truncation.join();
  EXPECT_EQ(kRegions * kRegionBytes + 1, volume_->GetAttributes(file)->size);
  Close();
  for (const std::string& finding : FindInconsistencies(vault_)) ADD_FAILURE() << finding;
}

}  // namespace
}  // namespace chainfs::fs

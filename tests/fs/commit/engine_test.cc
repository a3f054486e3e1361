// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/fs/commit/engine_fixture.h"

namespace chainfs::fs {
namespace {

TEST_F(CommitEngineTest, WritesNothingWhenNothingChanged) {
  Open();
  MakeFile();
  Sync();
  const uint64_t commits = core_->engine->status().commits;
  Sync();
  Sync();
  EXPECT_EQ(core_->engine->status().commits, commits);
}

TEST_F(CommitEngineTest, ChainIsSoundAfterManyCommitsAndReaps) {
  Open();
  MakeFile();
  for (size_t i = 0; i < 3 * kRetainedCommits; ++i) {
    Write(i * 5000 % 100000, Pattern(6000, i));
    Sync();
  }
  ExpectSoundChain();
  auto txn = core_->store->BeginRead();
  EXPECT_LT(txn->CountObjects(), 64 * 6 + 100u);
}

TEST_F(CommitEngineTest, ConcurrentSyncsShareCommits) {
  Open();
  MakeFile();
  Sync();
  const uint64_t before = core_->engine->status().commits;
  std::vector<std::thread> threads;
  constexpr int kThreads = 8, kSyncs = 20;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kSyncs; ++i) {
        ASSERT_TRUE(fs::Write(*core_, kFile, uint64_t(t) * 8192, Bytes(100, uint8_t(i)), false));
        ASSERT_TRUE(core_->engine->Sync());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LT(core_->engine->status().commits - before, kThreads * kSyncs * 3 / 4);
}

TEST_F(CommitEngineTest, BackPressureBoundsDirtyMemory) {
  options_.dirty_limit_bytes = 2 << 20;
  Open();
  MakeFile();
  size_t most = 0;
  for (uint64_t i = 0; i < 64; ++i) {
    Write(i << 20, Pattern(1 << 20, i));
    most = std::max(most, core_->engine->dirty_bytes());
  }
  EXPECT_LT(most, 3 * options_.dirty_limit_bytes + (2 << 20));
  for (uint64_t i = 0; i < 64; ++i) ASSERT_EQ(Read(i << 20, 1 << 20), Pattern(1 << 20, i));
}

TEST_F(CommitEngineTest, ReadersSeeEveryStateOfACommit) {
  options_.dirty_limit_bytes = 2 << 20;
  Open();
  MakeFile();
  const Bytes data = Pattern(kRegionBytes, 9);
  Write(0, data);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (uint64_t i = 0; i < 60; ++i) {
      Write((1 + i % 40) * kRegionBytes, Pattern(kRegionBytes, i));
      if (i % 5 == 0) Sync();
    }
    stop = true;
  });
  while (!stop) EXPECT_EQ(Read(0, kRegionBytes), data);
  writer.join();
}

TEST_F(CommitEngineTest, HalfAnOperationIsNeverCommitted) {
  std::string why;
  options_.on_failure = [&](const std::string& message) { why = message; };
  Open();
  MakeFile();
  Sync();
  try {
    auto change = Begin();
    ASSERT_TRUE(change.Erase(Key(kFile, ItemKind::kInode, 0)));
    throw std::bad_alloc();
  } catch (const std::bad_alloc&) {
  }
  EXPECT_FALSE(why.empty());
  EXPECT_EQ(core_->engine->Sync().error().code, ErrorCode::kIo);
  EXPECT_EQ(Change::Begin(*core_, SpaceNeed::kShrink).error().code, ErrorCode::kReadOnly);
  may_fail_to_close_ = true;
  Reopen();
  EXPECT_EQ(Inode().mode, 0100644u);
}

TEST_F(CommitEngineTest, WhatWasSyncedSurvivesKill) {
  Open();
  MakeFile();
  Sync();
  Close();
  uint64_t newest = 0;
  for (int round = 0; round < 15; ++round) {
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    const pid_t child = fork();
    if (child == 0) {
      Open();
      for (uint64_t i = newest + 1;; ++i) {
        Bytes data(200000, static_cast<uint8_t>(i));
        PutBE(data.data(), i);
        if (!fs::Write(*core_, kFile, 0, data, false) || !core_->engine->Sync()) _exit(1);
        if (write(fds[1], &i, sizeof i) != sizeof i) _exit(1);
      }
    }
    close(fds[1]);
    // Let it get some commits done, then end it wherever it is.
    uint64_t synced = newest;
    for (int i = 0; i < 1 + round % 4; ++i) ASSERT_EQ(read(fds[0], &synced, sizeof synced), 8);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    while (read(fds[0], &synced, sizeof synced) == 8) continue;
    close(fds[0]);
    Open();
    const Bytes data = Read(0, 200000);
    newest = GetBE<uint64_t>(data.data());
    EXPECT_GE(newest, synced);
    EXPECT_LE(newest, synced + 1);
    EXPECT_EQ(data.back(), static_cast<uint8_t>(newest));
    ExpectSoundChain();
    Close();
  }
}

// A real failing disk: ext4 on a loop device, shut down under us as ext4 does after an I/O error.
class FailingDiskTest : public CommitEngineTest {
 protected:
  void SetUp() override {
    image_ = directory_ + ".img";
    const std::string script = "set -e; truncate -s 64m " + image_ + "; mkfs.ext4 -q -F " + image_ +
                               " >/dev/null; mount -o loop " + image_ + " " + directory_;
    if (std::system(script.c_str()) != 0) {
      std::filesystem::remove(image_);
      GTEST_SKIP() << "SKIPPED: no loop device or no permission to mount: failing disk not tested";
    }
    mounted_ = true;
    std::filesystem::remove(directory_ + "/lost+found");
  }
  void TearDown() override {
    Close();
    if (!mounted_) return;
    EXPECT_EQ(umount(directory_.c_str()), 0);
    std::filesystem::remove(image_);
  }
  void FailDisk() {
    const int fd = open(directory_.c_str(), O_RDONLY);
    uint32_t without_flush = 2;
    ASSERT_EQ(ioctl(fd, _IOR('X', 125, uint32_t), &without_flush), 0);  // EXT4_IOC_SHUTDOWN
    close(fd);
  }
  bool mounted_ = false;
  std::string image_;
};

TEST_F(FailingDiskTest, TurnsReadOnlyAndSaysWhy) {
  std::string why;
  options_.on_failure = [&](const std::string& message) { why = message; };
  Open();
  MakeFile();
  Write(0, Pattern(kRegionBytes, 1));
  Sync();
  FailDisk();
  const Bytes data = Pattern(kRegionBytes, 2);
  Write(kRegionBytes, data);
  const auto synced = core_->engine->Sync();
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, ErrorCode::kIo);
  EXPECT_FALSE(why.empty());
  EXPECT_EQ(core_->engine->status().failure, why);
  const auto refused = fs::Write(*core_, kFile, 0, data, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kReadOnly);
  EXPECT_EQ(Read(kRegionBytes, kRegionBytes), data);  // from memory
  may_fail_to_close_ = true;
}

}  // namespace
}  // namespace chainfs::fs

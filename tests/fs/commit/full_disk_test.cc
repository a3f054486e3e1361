// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of writes, and of commits, when the disk is full.
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "tests/fs/commit/engine_fixture.h"

namespace chainfs::fs {
namespace {

TEST_F(FullDiskTest, IsRefusedAtWriteAndLosesNothing) {
  const uint64_t written = FillUntilRefused();
  EXPECT_GT(written, 20u << 20);
  Sync();
  Reopen();
  for (uint64_t at = 0; at < written; at += 1 << 20)
    ASSERT_EQ(Read(at, 1 << 20), Pattern(1 << 20, at));
  ExpectSoundChain();
}

TEST_F(FullDiskTest, RemovingStillWorksAndMakesRoom) {
  for (int round = 0; round < 5; ++round) {
    const uint64_t written = FillUntilRefused();
    EXPECT_GT(written, 20u << 20) << "round " << round;
    Truncate(0);
    Sync();
  }
  EXPECT_TRUE(core_->engine->status().failure.empty());
}

TEST_F(FullDiskTest, ARefusalTriesOnlyWhatMakesRoom) {
  FillUntilRefused();
  // Otherwise the next refused write would commit once more, and find the same again.
  EXPECT_FALSE(core_->engine->space().HasAgingPages());
}

TEST_F(FullDiskTest, ReadingDoesNotWaitForRoomToRecordTheAccess) {
  FillUntilRefused();
  for (uint64_t number = 100; !core_->engine->WouldWait(); ++number) {
    const InodeItem inode = Inode();
    auto change = Change::Begin(*core_, SpaceNeed::kShrink);
    ASSERT_TRUE(change);
    ASSERT_TRUE(StoreInode(*change, InodeNumber(number), inode));
  }
  const uint64_t commits = core_->engine->status().commits;
  EXPECT_EQ(Read(0, 100).size(), 100u);
  EXPECT_EQ(core_->engine->status().commits, commits);
}

// The room that the engine holds is taken from it, as a filesystem that is broken or cannot
// reserve might do: the disk is full in the middle of a commit.
class FullCommitTest : public FullDiskTest {
 protected:
  std::string Filler() const { return directory_ + "/filler"; }
  // By other processes: closing a file that LMDB has open would drop LMDB's locks.
  void TakeAllRoom() {
    struct stat data;
    ASSERT_EQ(stat((directory_ + "/data.mdb").c_str(), &data), 0);
    const std::string size = std::to_string(data.st_size);
    const std::string script = "truncate -s " + size + " " + directory_ +
                               "/data.mdb; cat /dev/zero >" + Filler() + " 2>/dev/null";
    (void)!std::system(script.c_str());
  }
  void GiveItBack() { std::filesystem::remove(Filler()); }
};

TEST_F(FullCommitTest, IsReportedKeptInMemoryAndTriedAgain) {
  // Until there are some free pages, though not enough, and some that wait to be usable.
  for (size_t i = 0; i < kRetainedCommits + 10; ++i) {
    Write(0, Pattern(kRegionBytes, i));
    Sync();
  }
  TakeAllRoom();
  const Bytes data = Pattern(2 << 20, 2);
  Write(kRegionBytes, data);
  const auto synced = core_->engine->Sync();
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, ErrorCode::kNoSpace);
  EXPECT_EQ(Read(kRegionBytes, data.size()), data);
  EXPECT_TRUE(core_->engine->status().failure.empty());
  GiveItBack();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!core_->engine->Sync() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  Reopen();
  EXPECT_EQ(Read(kRegionBytes, data.size()), data);
  ExpectSoundChain();
}

TEST_F(FullCommitTest, DoesNotKeepTheEngineFromStopping) {
  Write(0, Pattern(kRegionBytes, 1));
  Sync();
  TakeAllRoom();
  Write(kRegionBytes, Pattern(2 << 20, 2));
  may_fail_to_close_ = true;
  const auto stopped = core_->engine->Stop();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kNoSpace);
  Close();
  GiveItBack();
  Open();
  EXPECT_EQ(Read(0, 2 * kRegionBytes), Pattern(kRegionBytes, 1));
  ExpectSoundChain();
}

}  // namespace
}  // namespace chainfs::fs

// SPDX-License-Identifier: GPL-3.0-or-later
// A truncation that takes many steps, stopped between two of them, as by a crash or a full disk.
#include "fs/file/shrink.h"
#include "fs/name/create.h"
#include "fs/name/link.h"
#include "fs/name/orphans.h"
#include "tests/fs/file/file_fixture.h"

namespace chainfs::fs {
namespace {

class UnfinishedTruncationTest : public FileTest {
 protected:
  static constexpr uint64_t kRegions = 1'000;

  // What is cut off is nonzero everywhere.
  void Make() {
    Open();
    MakeFile();
    for (uint64_t i = 0; i < kRegions; ++i) Write(i * kRegionBytes, Bytes(2 * kBlockBytes, 0xaa));
  }
  void BeginAndStop(uint64_t size) {
    Make();
    Cut(size);
    EXPECT_EQ(Inode().size, size);
    EXPECT_GT(Inode().blocks, 1u);
    EXPECT_NE(Inode().flags & kShrinking, 0u);
    Reopen();
  }
  void Cut(uint64_t size) {
    auto lock = core_->inode_locks.Exclusive(kFile);
    auto finished = BeginTruncation(*core_, kFile, size, {}, false);
    ASSERT_TRUE(finished);
    ASSERT_FALSE(*finished);
  }
  void ExpectZeros(uint64_t from) {
    for (uint64_t i = 0; i < kRegions; ++i) {
      const uint64_t at = i * kRegionBytes;
      if (at < from) continue;
      ASSERT_EQ(Read(at, kBlockBytes), Bytes(kBlockBytes)) << i;
    }
    EXPECT_EQ(Inode().flags & kShrinking, 0u);
    ReadView view(*core_);
    EXPECT_FALSE(view.Find(OrphanKey(kFile)));
  }
};

TEST_F(UnfinishedTruncationTest, IsFinishedByAWriteBehindTheEnd) {
  BeginAndStop(0);
  Write(kRegions * kRegionBytes, {1});
  ExpectZeros(0);
}

TEST_F(UnfinishedTruncationTest, IsFinishedByAWriteThatWouldBeInline) {
  BeginAndStop(0);
  Write(0, {1});
  EXPECT_EQ(Inode().size, 1u);
  Truncate(kRegions * kRegionBytes);
  ExpectZeros(kRegionBytes);
}

TEST_F(UnfinishedTruncationTest, IsFinishedByGrowing) {
  BeginAndStop(kRegionBytes);
  Truncate(kRegions * kRegionBytes);
  ExpectZeros(kRegionBytes);
}

TEST_F(UnfinishedTruncationTest, IsFinishedByAllocating) {
  BeginAndStop(0);
  ASSERT_TRUE(fs::Allocate(*core_, kFile, kRegions * kRegionBytes, 1, false));
  ExpectZeros(0);
}

TEST_F(UnfinishedTruncationTest, IsFinishedByTruncatingToTheSameSize) {
  BeginAndStop(0);
  Truncate(0);
  EXPECT_EQ(Inode().blocks, 0u);
  EXPECT_EQ(Inode().flags & kShrinking, 0u);
}

// Without its name it needed no mark of its own: what removes it would have removed everything.
TEST_F(UnfinishedTruncationTest, IsFinishedByTheNextMountThoughTheNameCameLater) {
  Make();
  {
    auto change = Begin();
    ASSERT_TRUE(MakeRootDirectory(change, 0, 0));
    auto inode = LoadInode(change, kFile);
    ASSERT_TRUE(inode);
    inode->nlink = 0;
    ASSERT_TRUE(StoreInode(change, kFile, *inode));
    ASSERT_TRUE(change.Put(OrphanKey(kFile), {}));
  }
  core_->lookups.Retain(kFile);
  Cut(kBlockBytes);
  ASSERT_TRUE(Link(*core_, kFile, kRootInode, "again"));
  Reopen();
  OrphanReclaimer reclaimer(*core_);
  ASSERT_TRUE(reclaimer.Start());
  reclaimer.Drain();
  reclaimer.Stop();
  EXPECT_EQ(Inode().blocks, 1u);
  ExpectZeros(kRegions * kRegionBytes);
}

TEST_F(UnfinishedTruncationTest, WritesInsideTheFileNeedNotWaitForIt) {
  BeginAndStop(kRegionBytes);
  Write(0, Bytes(kBlockBytes, 1));
  EXPECT_NE(Inode().flags & kShrinking, 0u);
  EXPECT_EQ(Read(0, 2 * kRegionBytes).size(), kRegionBytes);
}

}  // namespace
}  // namespace chainfs::fs

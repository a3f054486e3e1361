// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/file/reservation.h"

#include <random>
#include <set>

#include "fs/file/block_range.h"
#include "tests/fs/file/file_fixture.h"

namespace chainfs::fs {
namespace {

class ReservationTest : public FileTest {
 protected:
  void Allocate(uint64_t offset, uint64_t length, bool keep_size = false) {
    ASSERT_TRUE(fs::Allocate(*core_, kFile, offset, length, keep_size));
  }
  uint64_t ReservedBytes() {
    ReadView view(*core_);
    return view.tree().counters().reserved_bytes;
  }
};

TEST_F(ReservationTest, CountsInBlocksUntilItIsWritten) {
  Open();
  MakeFile();
  Allocate(0, 10 * kBlockBytes);
  EXPECT_EQ(Inode().size, 10 * kBlockBytes);
  EXPECT_EQ(AttributesOf(kFile, Inode()).blocks_512, 80u);
  EXPECT_EQ(ReservedBytes(), 10 * kBlockBytes);
  Write(0, Pattern(3 * kBlockBytes, 1));
  EXPECT_EQ(Inode().reserved_blocks, 7u);
  EXPECT_EQ(AttributesOf(kFile, Inode()).blocks_512, 80u);
  EXPECT_EQ(Read(3 * kBlockBytes, kBlockBytes), Bytes(kBlockBytes));
}

TEST_F(ReservationTest, KeepsTheSizeWhenTold) {
  Open();
  MakeFile();
  Write(0, Pattern(100, 1));
  Allocate(0, kRegionBytes, true);
  EXPECT_EQ(Inode().size, 100u);
  EXPECT_EQ(Inode().reserved_blocks, kRegionBlocks - 1);
  EXPECT_EQ(Read(0, 200), Pattern(100, 1));
}

TEST_F(ReservationTest, TruncationAndPunchingGiveItBack) {
  Open();
  MakeFile();
  Allocate(0, 100 * kBlockBytes);
  ASSERT_TRUE(fs::PunchHole(*core_, kFile, 10 * kBlockBytes, 10 * kBlockBytes));
  EXPECT_EQ(Inode().reserved_blocks, 90u);
  Truncate(50 * kBlockBytes);
  EXPECT_EQ(Inode().reserved_blocks, 40u);
  Truncate(0);
  EXPECT_EQ(ReservedBytes(), 0u);
}

TEST_F(ReservationTest, MoreThanThereIsIsRefusedWhole) {
  Open();
  MakeFile();
  const auto refused = fs::Allocate(*core_, kFile, 0, uint64_t{1} << 60, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNoSpace);
  EXPECT_EQ(Inode().size, 0u);
  EXPECT_EQ(ReservedBytes(), 0u);
}

TEST_F(ReservationTest, ManyRangesAreMergedAndCutInSteps) {
  Open();
  MakeFile();
  constexpr uint64_t kRanges = 3 * kRangesPerStep;
  for (uint64_t i = 0; i < kRanges; ++i) Allocate(2 * i * kBlockBytes, kBlockBytes, true);
  EXPECT_EQ(Inode().reserved_blocks, kRanges);
  ASSERT_TRUE(fs::PunchHole(*core_, kFile, 0, kRanges / 2 * kBlockBytes));
  EXPECT_EQ(Inode().reserved_blocks, kRanges - kRanges / 4);
  Allocate(kBlockBytes, 2 * kRanges * kBlockBytes, true);
  EXPECT_EQ(Inode().reserved_blocks, 2 * kRanges);
  Truncate(0);
  EXPECT_EQ(ReservedBytes(), 0u);
}

TEST_F(ReservationTest, ALargeFileIsAllocatedAndTruncatedInSteps) {
  Open();
  MakeFile();
  constexpr uint64_t kRegions = 3 * kRegionsPerStep;
  for (uint64_t i = 0; i < kRegions; ++i) Write(i * kRegionBytes, Bytes(kBlockBytes, 1));
  Allocate(0, kRegions * kRegionBytes);
  EXPECT_EQ(Inode().reserved_blocks, kRegions * (kRegionBlocks - 1));
  EXPECT_EQ(Inode().blocks, kRegions);
  Truncate(kBlockBytes / 2);
  EXPECT_EQ(Inode().reserved_blocks, 0u);
  EXPECT_EQ(Inode().blocks, 1u);
  EXPECT_EQ(Inode().flags & kShrinking, 0u);
}

TEST_F(ReservationTest, AllOfTheFreeSpaceCanBePromised) {
  Open();
  MakeFile();
  const uint64_t free = core_->engine->space().FreeForUser();
  for (int tenth = 0; tenth < 8; ++tenth) {
    const auto allocated = fs::Allocate(*core_, kFile, free / 10 * tenth, free / 10, false);
    ASSERT_TRUE(allocated) << "after " << tenth << " tenths";
  }
}

TEST_F(ReservationTest, EqualsASetOfBlocksUnderRandomOperations) {
  std::mt19937_64 random(7);
  Open();
  MakeFile();
  std::set<uint64_t> reserved, live;
  constexpr uint64_t kBlocks = 200;
  for (int i = 0; i < 2000; ++i) {
    const uint64_t from = random() % kBlocks;
    const uint64_t to = from + 1 + random() % 40;
    const uint64_t offset = from * kBlockBytes, length = (to - from) * kBlockBytes;
    switch (random() % 5) {
      case 0:
        Allocate(offset, length, true);
        for (uint64_t b = from; b < to; ++b) reserved.insert(b);
        break;
      case 1:
        ASSERT_TRUE(fs::PunchHole(*core_, kFile, offset, length));
        for (uint64_t b = from; b < to; ++b) reserved.erase(b), live.erase(b);
        break;
      case 2:
        ASSERT_TRUE(fs::ZeroRange(*core_, kFile, offset, length, true));
        for (uint64_t b = from; b < to; ++b) reserved.insert(b);
        // Past the end there is nothing to zero; inside, what was data is reserved again.
        for (uint64_t b = from; b < to; ++b) live.erase(b);
        break;
      case 3:
        if (offset > Inode().size) break;  // growing leaves what is reserved beyond alone
        Truncate(offset);
        reserved.erase(reserved.lower_bound(from), reserved.end());
        live.erase(live.lower_bound(from), live.end());
        break;
      default:
        Write(offset, Pattern(length, random()));
        for (uint64_t b = from; b < to; ++b) live.insert(b);
    }
    uint64_t expected = 0;
    for (uint64_t b : reserved) expected += live.contains(b) ? 0 : 1;
    ASSERT_EQ(Inode().blocks, live.size()) << "step " << i;
    ASSERT_EQ(Inode().reserved_blocks, expected) << "step " << i;
    ASSERT_EQ(ReservedBytes(), expected * kBlockBytes);
  }
}

}  // namespace
}  // namespace chainfs::fs

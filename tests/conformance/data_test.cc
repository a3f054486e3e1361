// SPDX-License-Identifier: GPL-3.0-or-later
// Holes, and what makes, finds, fills and copies them.
#include <linux/falloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

constexpr off_t kMiB = 1 << 20;

class DataTest : public ConformanceTest {
 protected:
  static std::string Zeros(size_t size) { return std::string(size, '\0'); }
  static off_t Seek(const Descriptor& file, off_t from, int whence) {
    return lseek(file.get(), from, whence);
  }
  static int Allocate(const Descriptor& file, int mode, off_t from, off_t size) {
    return fallocate(file.get(), mode, from, size);
  }
  // In bytes; after what the filesystem has put off.
  static off_t Occupied(const Descriptor& file) {
    EXPECT_EQ(fsync(file.get()), 0);
    return Status(file).st_blocks * 512;
  }
  // FUSE's kernel caches the number, and is told that it has changed within about a second.
  static void AwaitOccupied(const Descriptor& file, off_t least) {
    for (int tick = 0; tick < 1000 && Occupied(file) < least; ++tick) AwaitTick();
    EXPECT_GE(Occupied(file), least);
  }
};

constexpr int kPunch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

TEST_P(DataTest, WhatWasNotWrittenIsZeros) {
  const Descriptor file = Open("f");
  WriteAt(file, "end", 200'000);
  EXPECT_EQ(ReadAt(file, 200'003, 0), Zeros(200'000) + "end");
}

TEST_P(DataTest, AHoleOccupiesNothing) {
  const Descriptor file = Open("f");
  ASSERT_EQ(ftruncate(file.get(), 100 * kMiB), 0);
  EXPECT_EQ(Occupied(file), 0);
  WriteAt(file, std::string(kMiB, 'x'), 50 * kMiB);
  AwaitOccupied(file, kMiB);
  EXPECT_LT(Occupied(file), 2 * kMiB);
}

TEST_P(DataTest, WhatIsCutOffComesBackAsZeros) {
  const Descriptor file = Open("f");
  WriteAt(file, std::string(10'000, 'x'), 0);
  EXPECT_EQ(ftruncate(file.get(), 1'000), 0);
  EXPECT_EQ(ftruncate(file.get(), 10'000), 0);
  EXPECT_EQ(ReadAt(file, 10'000, 0), std::string(1'000, 'x') + Zeros(9'000));
}

TEST_P(DataTest, SeekFindsDataAndHoles) {
  const Descriptor file = Open("f");
  WriteAt(file, std::string(kMiB, 'x'), kMiB);
  ASSERT_EQ(ftruncate(file.get(), 4 * kMiB), 0);
  EXPECT_EQ(Seek(file, 0, SEEK_HOLE), 0);
  EXPECT_EQ(Seek(file, 0, SEEK_DATA), kMiB);
  EXPECT_EQ(Seek(file, kMiB + 5, SEEK_DATA), kMiB + 5);
  EXPECT_EQ(Seek(file, kMiB, SEEK_HOLE), 2 * kMiB);
}

TEST_P(DataTest, SeekFindsTheHoleAtTheEnd) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(Seek(file, 0, SEEK_HOLE), 7);
}

TEST_P(DataTest, SeekBehindTheLastDataIsNothing) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  ASSERT_EQ(ftruncate(file.get(), kMiB), 0);
  EXPECT_EQ(Result(Seek(file, 100'000, SEEK_DATA)), "ENXIO");
  EXPECT_EQ(Result(Seek(file, kMiB, SEEK_DATA)), "ENXIO");
  EXPECT_EQ(Result(Seek(file, kMiB, SEEK_HOLE)), "ENXIO");
  EXPECT_EQ(Result(Seek(file, -1, SEEK_DATA)), "ENXIO");
}

TEST_P(DataTest, SeekSetsThePosition) {
  const Descriptor file = Open("f");
  WriteAt(file, "data", kMiB);
  EXPECT_EQ(Seek(file, 0, SEEK_DATA), kMiB);
  char buffer[4];
  EXPECT_EQ(read(file.get(), buffer, 4), 4);
  EXPECT_EQ(std::string(buffer, 4), "data");
}

TEST_P(DataTest, SeekRefusesNegativePositions) {
  const Descriptor file = Open("f");
  EXPECT_EQ(Result(Seek(file, -1, SEEK_SET)), "EINVAL");
  EXPECT_EQ(Result(Seek(file, 0, 99)), "EINVAL");
  EXPECT_EQ(Seek(file, 10 * kMiB, SEEK_END), 10 * kMiB) << "beyond the end is fine";
}

TEST_P(DataTest, APunchedHoleIsZerosAndAHole) {
  const Descriptor file = Open("f");
  WriteAt(file, std::string(4 * kMiB, 'x'), 0);
  ASSERT_EQ(fsync(file.get()), 0);
  EXPECT_EQ(Result(Allocate(file, kPunch, kMiB, kMiB)), "OK");
  EXPECT_EQ(Status(file).st_size, 4 * kMiB);
  EXPECT_EQ(ReadAt(file, 3, kMiB - 1), std::string("x\0\0", 3));
  EXPECT_EQ(ReadAt(file, 3, 2 * kMiB - 2), std::string("\0\0x", 3));
  EXPECT_EQ(Seek(file, 0, SEEK_HOLE), kMiB);
  EXPECT_EQ(Seek(file, kMiB, SEEK_DATA), 2 * kMiB);
  EXPECT_LT(Occupied(file), 4 * kMiB);
}

TEST_P(DataTest, AHoleIsPunchedToTheByte) {
  const Descriptor file = Open("f");
  WriteAt(file, std::string(20'000, 'x'), 0);
  EXPECT_EQ(Allocate(file, kPunch, 100, 15'000), 0);
  EXPECT_EQ(ReadAt(file, 20'000, 0),
            std::string(100, 'x') + Zeros(15'000) + std::string(4'900, 'x'));
}

TEST_P(DataTest, PunchingBeyondTheEndChangesNothing) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(Result(Allocate(file, kPunch, 3, kMiB)), "OK");
  EXPECT_EQ(Status(file).st_size, 7);
  EXPECT_EQ(ReadAt(file, 10, 0), "con" + Zeros(4));
}

TEST_P(DataTest, ZeroRangeIsZeros) {
  const Descriptor file = Open("f");
  WriteAt(file, std::string(20'000, 'x'), 0);
  EXPECT_EQ(Result(Allocate(file, FALLOC_FL_ZERO_RANGE, 100, 15'000)), "OK");
  EXPECT_EQ(ReadAt(file, 20'000, 0),
            std::string(100, 'x') + Zeros(15'000) + std::string(4'900, 'x'));
}

TEST_P(DataTest, ZeroRangeGrowsTheFileUnlessTold) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(Allocate(file, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 3, 10'000), 0);
  EXPECT_EQ(Status(file).st_size, 7);
  EXPECT_EQ(Allocate(file, FALLOC_FL_ZERO_RANGE, 3, 10'000), 0);
  EXPECT_EQ(Status(file).st_size, 10'003);
}

TEST_P(DataTest, FallocateGrowsTheFileUnlessTold) {
  const Descriptor file = Open("f");
  EXPECT_EQ(Result(Allocate(file, FALLOC_FL_KEEP_SIZE, 0, kMiB)), "OK");
  EXPECT_EQ(Status(file).st_size, 0);
  EXPECT_EQ(Result(Allocate(file, 0, 0, kMiB)), "OK");
  EXPECT_EQ(Status(file).st_size, kMiB);
  EXPECT_EQ(ReadAt(file, 10, kMiB - 10), Zeros(10));
}

TEST_P(DataTest, FallocateKeepsWhatIsThere) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(Allocate(file, 0, 0, 10'000), 0);
  EXPECT_EQ(ReadAt(file, 10, 0), "content" + Zeros(3));
}

TEST_P(DataTest, FallocateShowsInTheBlocks) {
  const Descriptor file = Open("f");
  EXPECT_EQ(Allocate(file, 0, 0, kMiB), 0);
  EXPECT_GE(Occupied(file), kMiB);
}

TEST_P(DataTest, FallocateRefuses) {
  const Descriptor file = Open("f");
  EXPECT_EQ(Result(Allocate(file, 0, 0, 0)), "EINVAL");
  EXPECT_EQ(Result(Allocate(file, 0, -1, 10)), "EINVAL");
  EXPECT_EQ(Result(Allocate(file, 0, 0, -1)), "EINVAL");
  EXPECT_EQ(Result(Allocate(file, FALLOC_FL_PUNCH_HOLE, 0, 10)), "EOPNOTSUPP");
  EXPECT_EQ(Result(Allocate(Open("f", O_RDONLY), 0, 0, 10)), "EBADF");
  EXPECT_EQ(Result(Allocate(file, 0, INT64_MAX - 5, 100)), "EFBIG");
}

TEST_P(DataTest, CollapsingAndInsertingAreRefusedAndChangeNothing) {
  const Descriptor file = Open("f");
  WriteAt(file, std::string(100'000, 'x'), 0);
  if (local()) {
    EXPECT_EQ(Result(Allocate(file, FALLOC_FL_COLLAPSE_RANGE, 1, 2)), "EINVAL")
        << "it can, but only whole blocks";
  } else {
    EXPECT_EQ(Result(Allocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, 4096)), "EOPNOTSUPP");
    EXPECT_EQ(Result(Allocate(file, FALLOC_FL_INSERT_RANGE, 0, 4096)), "EOPNOTSUPP");
  }
  EXPECT_EQ(Status(file).st_size, 100'000);
}

TEST_P(DataTest, CopyFileRangeCopies) {
  const std::string data = "0123456789";
  Make("from", data);
  const Descriptor from = Open("from"), to = Open("to");
  off_t in = 2, out = 5000;
  EXPECT_EQ(copy_file_range(from.get(), &in, to.get(), &out, 5, 0), 5);
  EXPECT_EQ(in, 7);
  EXPECT_EQ(out, 5005);
  EXPECT_EQ(ReadAt(to, 100, 5000), "23456");
}

TEST_P(DataTest, CopyFileRangeEndsAtTheEnd) {
  Make("from", "0123456789");
  const Descriptor from = Open("from"), to = Open("to");
  off_t in = 5;
  EXPECT_EQ(copy_file_range(from.get(), &in, to.get(), nullptr, 100, 0), 5);
  EXPECT_EQ(copy_file_range(from.get(), &in, to.get(), nullptr, 100, 0), 0);
}

TEST_P(DataTest, CopyFileRangeSeesWhatIsNotOnDiskYet) {
  const Descriptor from = Open("from"), to = Open("to");
  const std::string data(500'000, 'd');
  WriteAt(from, data, 0);
  WriteAt(to, "dirty", 600'000);
  EXPECT_EQ(copy_file_range(from.get(), nullptr, to.get(), nullptr, data.size(), 0), 500'000);
  EXPECT_EQ(ReadAt(to, data.size(), 0), data);
  EXPECT_EQ(ReadAt(to, 5, 600'000), "dirty");
}

TEST_P(DataTest, CopyFileRangeWithinAFileMustNotOverlap) {
  const Descriptor file = Open("f");
  WriteAt(file, "0123456789", 0);
  off_t in = 0, out = 5;
  EXPECT_EQ(Result(copy_file_range(file.get(), &in, file.get(), &out, 6, 0)), "EINVAL");
  EXPECT_EQ(copy_file_range(file.get(), &in, file.get(), &out, 5, 0), 5);
  EXPECT_EQ(ReadAt(file, 10, 0), "0123401234");
}

TEST_P(DataTest, CopyFileRangeRefuses) {
  Make("f", "x");
  const Descriptor reader = Open("f", O_RDONLY), writer = Open("g", O_CREAT | O_WRONLY);
  EXPECT_EQ(Result(copy_file_range(reader.get(), nullptr, reader.get(), nullptr, 1, 0)), "EBADF");
  EXPECT_EQ(Result(copy_file_range(writer.get(), nullptr, writer.get(), nullptr, 1, 0)), "EBADF");
  EXPECT_EQ(Result(copy_file_range(reader.get(), nullptr, writer.get(), nullptr, 1, 1)), "EINVAL");
  const Descriptor append = Open("g", O_WRONLY | O_APPEND);
  EXPECT_EQ(Result(copy_file_range(reader.get(), nullptr, append.get(), nullptr, 1, 0)), "EBADF");
  const Descriptor here = Open(".", O_RDONLY);
  EXPECT_EQ(Result(copy_file_range(here.get(), nullptr, writer.get(), nullptr, 1, 0)), "EISDIR");
}

TEST_P(DataTest, HolesAndDataAreThereAfterARemount) {
  {
    const Descriptor file = Open("f");
    WriteAt(file, std::string(kMiB, 'x'), kMiB);
    ASSERT_EQ(ftruncate(file.get(), 4 * kMiB), 0);
    EXPECT_EQ(Allocate(file, kPunch, kMiB + 100'000, 500'000), 0);
  }
  Remount();
  const Descriptor file = Open("f", O_RDONLY);
  EXPECT_EQ(ReadAt(file, kMiB, kMiB),
            std::string(100'000, 'x') + Zeros(500'000) + std::string(kMiB - 600'000, 'x'));
  EXPECT_EQ(Seek(file, 0, SEEK_DATA), kMiB);
  EXPECT_EQ(Status(file).st_size, 4 * kMiB);
}

CHAINFS_CONFORMS(DataTest);

}  // namespace
}  // namespace chainfs::conformance

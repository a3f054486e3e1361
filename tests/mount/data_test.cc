// SPDX-License-Identifier: GPL-3.0-or-later
// File data through the kernel's writeback cache: what it holds back must never be missed.
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

class DataTest : public MountedVault {
 protected:
  Descriptor Open(const std::string& name, int flags = O_RDWR | O_CREAT) {
    Descriptor file(open(In(name).c_str(), flags | O_CLOEXEC, 0644));
    EXPECT_TRUE(file) << name << ": " << strerror(errno);
    return file;
  }
  static void WriteAt(const Descriptor& file, const std::string& data, off_t at) {
    EXPECT_EQ(pwrite(file.get(), data.data(), data.size(), at), static_cast<ssize_t>(data.size()));
  }
  static std::string ReadAt(const Descriptor& file, size_t size, off_t at) {
    std::string data(size, 0);
    const ssize_t n = pread(file.get(), data.data(), size, at);
    data.resize(n < 0 ? 0 : static_cast<size_t>(n));
    return data;
  }
  static std::string Pattern(size_t size) {
    std::string data(size, 0);
    for (size_t i = 0; i < size; ++i) data[i] = static_cast<char>('a' + (i * 7 + i / 1000) % 26);
    return data;
  }
  static struct stat Status(const Descriptor& file) {
    struct stat status {};
    EXPECT_EQ(fstat(file.get(), &status), 0);
    return status;
  }
};

// The kernel sends LSEEK without the dirty pages: such copies were all zeros, with exit code 0.
TEST_P(DataTest, CopiesOfAFileHeldOpenWithDirtyPagesAreExact) {
  if (!Have({"tar", "cmp"})) return;
  for (int round = 0; round < 10; ++round) {
    const Descriptor held = Open("held");
    ASSERT_EQ(ftruncate(held.get(), 0), 0);
    ASSERT_EQ(ftruncate(held.get(), 20 << 20), 0);
    for (const off_t at : {300000, 5000000, 9999999, 20 << 20}) WriteAt(held, Pattern(70000), at);
    Script("copy_held");
    ASSERT_EQ(ReadAt(held, 70000, 300000), Pattern(70000));
    WriteAt(held, "again", 7000000);
    EXPECT_EQ(lseek(held.get(), 6500000, SEEK_DATA), 7000000 / 4096 * 4096);
  }
}

TEST_P(DataTest, SeekFindsDataAndHoles) {
  const Descriptor file = Open("f");
  WriteAt(file, Pattern(4096), 0);
  WriteAt(file, Pattern(4096), 1 << 20);
  ASSERT_EQ(ftruncate(file.get(), 4 << 20), 0);
  EXPECT_EQ(lseek(file.get(), 0, SEEK_DATA), 0);
  EXPECT_EQ(lseek(file.get(), 0, SEEK_HOLE), 4096);
  EXPECT_EQ(lseek(file.get(), 4096, SEEK_DATA), 1 << 20);
  EXPECT_EQ(lseek(file.get(), 1 << 20, SEEK_HOLE), (1 << 20) + 4096);
  EXPECT_EQ(lseek(file.get(), 2 << 20, SEEK_DATA), -1);
  EXPECT_EQ(errno, ENXIO);
  EXPECT_EQ(lseek(file.get(), 4 << 20, SEEK_HOLE), -1);
  EXPECT_EQ(errno, ENXIO);
}

// With no OPEN requests the kernel has to send the truncation by itself.
TEST_P(DataTest, OpenWithTruncEmptiesTheFile) {
  Open("warm");  // the OPEN that is answered with "no such call"
  WriteAt(Open("f"), Pattern(300000), 0);
  { const Descriptor file = Open("f", O_WRONLY | O_TRUNC); }
  EXPECT_EQ(Status(Open("f")).st_size, 0);
  WriteAt(Open("f", O_WRONLY | O_TRUNC), "short", 0);
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Read("f"), "short");
  WriteAt(Open("f", O_WRONLY | O_TRUNC), "x", 9999);
  DropCaches();
  EXPECT_EQ(Read("f"), std::string(9999, '\0') + "x");
}

TEST_P(DataTest, MappedWritesArrive) {
  constexpr size_t kSize = 3 << 20;
  const std::string pattern = Pattern(kSize);
  {
    const Descriptor file = Open("mapped");
    ASSERT_EQ(ftruncate(file.get(), kSize), 0);
    void* const memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    ASSERT_NE(memory, MAP_FAILED);
    memcpy(memory, pattern.data(), kSize);
    EXPECT_EQ(ReadAt(file, kSize, 0), pattern) << "read(2) must see the mapping";
    ASSERT_EQ(msync(memory, kSize / 2, MS_SYNC), 0);
    WriteAt(file, "written", 1000);
    EXPECT_EQ(memcmp(static_cast<char*>(memory) + 1000, "written", 7), 0);
    ASSERT_EQ(munmap(memory, kSize), 0);
  }
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  std::string expected = pattern;
  expected.replace(1000, 7, "written");
  EXPECT_EQ(Read("mapped"), expected);
}

TEST_P(DataTest, BlocksOfAFileHeldOpenAreToldAfterWriteback) {
  const Descriptor file = Open("f");
  WriteAt(file, Pattern(1 << 20), 0);
  Status(file);  // the kernel caches what st_blocks is now
  ASSERT_EQ(sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER),
            0);
  // The kernel is told within about a second; the test's time limit is the limit.
  while (Status(file).st_blocks < 2048) usleep(10000);
  EXPECT_EQ(Status(file).st_size, 1 << 20);
}

TEST_P(DataTest, FallocateDoesWhatItSays) {
  const Descriptor file = Open("f");
  const std::string data = Pattern(1 << 20);
  WriteAt(file, data, 0);
  EXPECT_EQ(fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 1 << 20, 1 << 20), 0);
  EXPECT_EQ(Status(file).st_size, 1 << 20);
  EXPECT_EQ(fallocate(file.get(), 0, 1 << 20, 1 << 20), 0);
  EXPECT_EQ(Status(file).st_size, 2 << 20);
  constexpr int kPunch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  EXPECT_EQ(fallocate(file.get(), kPunch, 10000, 500000), 0);
  EXPECT_EQ(fallocate(file.get(), FALLOC_FL_ZERO_RANGE, 600001, 99999), 0);
  std::string expected = data + std::string(1 << 20, '\0');
  expected.replace(10000, 500000, 500000, '\0');
  expected.replace(600001, 99999, 99999, '\0');
  EXPECT_EQ(ReadAt(file, 3 << 20, 0), expected);
  DropCaches();
  EXPECT_EQ(ReadAt(file, 3 << 20, 0), expected);
  for (const int unsupported : {FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE}) {
    EXPECT_EQ(fallocate(file.get(), unsupported, 4096, 4096), -1);
    EXPECT_EQ(errno, EOPNOTSUPP);
  }
}

TEST_P(DataTest, CopyFileRangeSeesDirtyPagesOfBothFiles) {
  const Descriptor from = Open("from"), to = Open("to");
  WriteAt(from, Pattern(500000), 0);
  WriteAt(to, std::string(600000, 'z'), 0);
  off_t in = 1234, out = 4321;
  ssize_t left = 400000;
  while (left > 0) {
    const ssize_t n =
        copy_file_range(from.get(), &in, to.get(), &out, static_cast<size_t>(left), 0);
    ASSERT_GT(n, 0) << strerror(errno);
    left -= n;
  }
  std::string expected(600000, 'z');
  expected.replace(4321, 400000, Pattern(500000).substr(1234, 400000));
  EXPECT_EQ(ReadAt(to, 600000, 0), expected);
}

TEST_P(DataTest, SparseFilesReachTheLastByteThereIs) {
  constexpr off_t kLast = 0x7ffffffffffffffe;
  {
    const Descriptor file = Open("sparse");
    WriteAt(file, "z", kLast);
    EXPECT_EQ(Status(file).st_size, 0x7fffffffffffffff);
    EXPECT_EQ(ReadAt(file, 1, kLast), "z");
    EXPECT_EQ(ReadAt(file, 4, off_t{1} << 50), std::string(4, '\0'));
    ASSERT_EQ(fsync(file.get()), 0);
  }
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(ReadAt(Open("sparse", O_RDONLY), 2, kLast - 1), std::string("\0z", 2));
}

TEST_P(DataTest, AnUnlinkedFileLivesWhileItIsOpen) {
  const Descriptor file = Open("f");
  WriteAt(file, Pattern(200000), 0);
  ASSERT_EQ(unlink(In("f").c_str()), 0);
  ASSERT_EQ(fsync(file.get()), 0);
  DropCaches();
  EXPECT_EQ(ReadAt(file, 200000, 0), Pattern(200000));
  EXPECT_EQ(Status(file).st_nlink, 0u);
}

CHAINFS_ON_BOTH_TRANSPORTS(DataTest);

}  // namespace
}  // namespace chainfs::mount_test

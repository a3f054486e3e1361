// SPDX-License-Identifier: GPL-3.0-or-later
// Files in memory.
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

constexpr size_t kPage = 4096;

class Mapping {
 public:
  Mapping(const Descriptor& file, size_t size, int protection, int flags)
      : memory_(mmap(nullptr, size, protection, flags, file.get(), 0)), size_(size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (*this) munmap(memory_, size_);
  }
  explicit operator bool() const { return memory_ != MAP_FAILED; }
  // Volatile, because somebody else writes the file.
  volatile char& operator[](size_t at) const { return static_cast<volatile char*>(memory_)[at]; }
  void* memory() const { return memory_; }
  std::string Text(size_t at, size_t size) const {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += (*this)[at + i];
    return text;
  }

 private:
  void* memory_;
  size_t size_;
};

class MappingTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Make("f", std::string(4 * kPage, 'x'));
  }
};

constexpr int kBoth = PROT_READ | PROT_WRITE;

TEST_P(MappingTest, ASharedMappingShowsWhatIsWritten) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 4 * kPage, PROT_READ, MAP_SHARED);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping[5], 'x');
  WriteAt(file, "written", 0);
  EXPECT_EQ(mapping.Text(0, 8), "writtenx");
}

TEST_P(MappingTest, AReadShowsWhatASharedMappingWrote) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 4 * kPage, kBoth, MAP_SHARED);
  ASSERT_TRUE(mapping);
  mapping[1] = 'm';
  EXPECT_EQ(ReadAt(file, 3, 0), "xmx");
}

TEST_P(MappingTest, ASharedMappingIsKeptAfterARemount) {
  {
    const Descriptor file = Open("f", O_RDWR);
    const Mapping mapping(file, 4 * kPage, kBoth, MAP_SHARED);
    ASSERT_TRUE(mapping);
    mapping[3 * kPage] = 'm';
  }
  Remount();
  EXPECT_EQ(Content("f")[3 * kPage], 'm');
}

TEST_P(MappingTest, APrivateMappingChangesNothing) {
  const Descriptor file = Open("f", O_RDONLY);
  const Mapping mapping(file, 4 * kPage, kBoth, MAP_PRIVATE);
  ASSERT_TRUE(mapping);
  mapping[0] = 'p';
  EXPECT_EQ(mapping.Text(0, 2), "px");
  EXPECT_EQ(Content("f"), std::string(4 * kPage, 'x'));
}

TEST_P(MappingTest, APrivateMappingShowsWhatIsWrittenToPagesThatItDidNotTouch) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 4 * kPage, kBoth, MAP_PRIVATE);
  ASSERT_TRUE(mapping);
  mapping[0] = 'p';
  WriteAt(file, "ww", 0);
  WriteAt(file, "ww", kPage);
  EXPECT_EQ(mapping.Text(0, 2), "px");
  EXPECT_EQ(mapping.Text(kPage, 2), "ww");
}

TEST_P(MappingTest, TwoProcessesShareOne) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, kPage, kBoth, MAP_SHARED);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(InChild([&] {
              mapping[0] = 'c';
              return 0;
            }),
            "OK");
  EXPECT_EQ(mapping[0], 'c');
}

TEST_P(MappingTest, BehindTheEndOfTheLastPageIsABusError) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 8 * kPage, kBoth, MAP_SHARED);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(InChild([&] { return mapping[5 * kPage]; }), "signal " + std::to_string(SIGBUS));
}

TEST_P(MappingTest, TruncationTakesPagesAway) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 4 * kPage, kBoth, MAP_SHARED);
  ASSERT_TRUE(mapping);
  mapping[3 * kPage] = 'm';
  EXPECT_EQ(ftruncate(file.get(), kPage), 0);
  EXPECT_EQ(InChild([&] { return mapping[3 * kPage]; }), "signal " + std::to_string(SIGBUS));
  EXPECT_EQ(mapping[0], 'x');
}

TEST_P(MappingTest, AFileThatGrowsAgainHasZerosInItsMapping) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 4 * kPage, kBoth, MAP_SHARED);
  ASSERT_TRUE(mapping);
  mapping[3 * kPage] = 'm';
  EXPECT_EQ(ftruncate(file.get(), 100), 0);
  EXPECT_EQ(ftruncate(file.get(), 4 * kPage), 0);
  EXPECT_EQ(mapping.Text(99, 2), std::string("x\0", 2));
  EXPECT_EQ(mapping[3 * kPage], '\0');
}

TEST_P(MappingTest, TruncationTakesPagesOfAPrivateMappingAway) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 4 * kPage, kBoth, MAP_PRIVATE);
  ASSERT_TRUE(mapping);
  mapping[3 * kPage] = 'p';
  EXPECT_EQ(ftruncate(file.get(), kPage), 0);
  EXPECT_EQ(InChild([&] { return mapping[3 * kPage]; }), "signal " + std::to_string(SIGBUS));
}

TEST_P(MappingTest, WhatIsWrittenBehindTheEndIsNotInTheFile) {
  const Descriptor file = Open("f", O_RDWR);
  ASSERT_EQ(ftruncate(file.get(), 100), 0);
  {
    const Mapping mapping(file, kPage, kBoth, MAP_SHARED);
    ASSERT_TRUE(mapping);
    mapping[50] = 'm';
    mapping[200] = 'm';
    EXPECT_EQ(msync(mapping.memory(), kPage, MS_SYNC), 0);
  }
  EXPECT_EQ(Status(file).st_size, 100);
  EXPECT_EQ(ftruncate(file.get(), 300), 0);
  EXPECT_EQ(ReadAt(file, 100, 200), std::string(100, '\0'));
}

TEST_P(MappingTest, APunchedHoleIsSeenInTheMapping) {
  const Descriptor file = Open("f", O_RDWR);
  const Mapping mapping(file, 4 * kPage, kBoth, MAP_SHARED);
  ASSERT_TRUE(mapping);
  mapping[kPage] = 'm';
  EXPECT_EQ(fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kPage, kPage), 0);
  EXPECT_EQ(mapping[kPage], '\0');
  EXPECT_EQ(mapping[2 * kPage], 'x');
}

TEST_P(MappingTest, AHoleIsWrittenThroughTheMapping) {
  const Descriptor file = Open("hole");
  ASSERT_EQ(ftruncate(file.get(), 100 * kPage), 0);
  const Mapping mapping(file, 100 * kPage, kBoth, MAP_SHARED);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping[50 * kPage], '\0');
  mapping[50 * kPage] = 'm';
  EXPECT_EQ(msync(mapping.memory(), 100 * kPage, MS_SYNC), 0);
  EXPECT_EQ(lseek(file.get(), 0, SEEK_DATA), off_t{50 * kPage});
}

TEST_P(MappingTest, AMappingNeedsTheDescriptorsPermission) {
  const Descriptor reader = Open("f", O_RDONLY), writer = Open("f", O_WRONLY);
  EXPECT_FALSE(Mapping(reader, kPage, kBoth, MAP_SHARED));
  EXPECT_EQ(errno, EACCES);
  EXPECT_FALSE(Mapping(writer, kPage, PROT_READ, MAP_SHARED));
  EXPECT_EQ(errno, EACCES);
  EXPECT_TRUE(Mapping(reader, kPage, kBoth, MAP_PRIVATE));
}

TEST_P(MappingTest, ADirectWriteIsSeenInTheMapping) {
  const Descriptor file = Open("f", O_RDWR), direct = Open("f", O_RDWR | O_DIRECT);
  const Mapping mapping(file, 4 * kPage, PROT_READ, MAP_SHARED);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping[kPage], 'x');
  alignas(kPage) static char page[kPage];
  memset(page, 'd', kPage);
  EXPECT_EQ(pwrite(direct.get(), page, kPage, kPage), ssize_t{kPage});
  EXPECT_EQ(mapping[kPage], 'd');
}

CHAINFS_CONFORMS(MappingTest);

}  // namespace
}  // namespace chainfs::conformance

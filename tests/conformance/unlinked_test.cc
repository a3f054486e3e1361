// SPDX-License-Identifier: GPL-3.0-or-later
// Files without a name: unlinked ones that are still open, and those that never had one.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class UnlinkedTest : public ConformanceTest {
 protected:
  static int LinkTo(const Descriptor& file, const char* name) {
    const std::string self = "/proc/self/fd/" + std::to_string(file.get());
    return linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW);
  }
  static Descriptor Temporary(int flags = 0) { return Open(".", O_TMPFILE | O_RDWR | flags, 0600); }
};

TEST_P(UnlinkedTest, AnOpenFileOutlivesItsName) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(unlink("f"), 0);
  EXPECT_FALSE(Exists("f"));
  EXPECT_EQ(ReadAt(file, 10, 0), "content");
  WriteAt(file, std::string(300'000, 'x'), 7);
  EXPECT_EQ(ReadAt(file, 3, 299'999), "xxx");
  EXPECT_EQ(Status(file).st_nlink, 0u);
  EXPECT_EQ(Status(file).st_size, 300'007);
}

TEST_P(UnlinkedTest, ItIsCutOffSyncedAndChanged) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(unlink("f"), 0);
  EXPECT_EQ(Result(ftruncate(file.get(), 3)), "OK");
  EXPECT_EQ(Result(fchmod(file.get(), 0600)), "OK");
  EXPECT_EQ(Result(fchown(file.get(), kUser, kUser)), "OK");
  EXPECT_EQ(Result(fsync(file.get())), "OK");
  EXPECT_EQ(ReadAt(file, 10, 0), "con");
  EXPECT_EQ(Status(file).st_mode & 07777, 0600u);
}

TEST_P(UnlinkedTest, AnotherFileOfTheSameNameIsAnotherFile) {
  const Descriptor file = Open("f");
  WriteAt(file, "old", 0);
  EXPECT_EQ(unlink("f"), 0);
  Make("f", "new");
  EXPECT_EQ(ReadAt(file, 10, 0), "old");
  EXPECT_EQ(Content("f"), "new");
  EXPECT_NE(Status(file).st_ino, Status("f").st_ino);
}

TEST_P(UnlinkedTest, AMappingOutlivesNameAndDescriptor) {
  Make("f", "content");
  void* memory = nullptr;
  {
    const Descriptor file = Open("f", O_RDWR);
    memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    ASSERT_NE(memory, MAP_FAILED);
  }
  EXPECT_EQ(unlink("f"), 0);
  static_cast<char*>(memory)[0] = 'C';
  EXPECT_EQ(msync(memory, 4096, MS_SYNC), 0);
  EXPECT_EQ(memcmp(memory, "Content", 7), 0);
  EXPECT_EQ(munmap(memory, 4096), 0);
}

TEST_P(UnlinkedTest, ItIsReopenedThroughProc) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(unlink("f"), 0);
  const Descriptor again = Open("/proc/self/fd/" + std::to_string(file.get()), O_RDONLY);
  EXPECT_EQ(ReadAt(again, 10, 0), "content");
}

TEST_P(UnlinkedTest, ItGetsNoNameAgain) {
  const Descriptor file = Open("f");
  EXPECT_EQ(unlink("f"), 0);
  EXPECT_EQ(Result(LinkTo(file, "g")), "ENOENT");
}

TEST_P(UnlinkedTest, ATemporaryFileHasNoNameAndNoLinks) {
  const Descriptor file = Temporary();
  WriteAt(file, "content", 0);
  EXPECT_EQ(Status(file).st_nlink, 0u);
  EXPECT_EQ(Status(file).st_mode, S_IFREG | 0600u);
  EXPECT_EQ(ReadAt(file, 10, 0), "content");
}

TEST_P(UnlinkedTest, ATemporaryFileCanGetAName) {
  {
    const Descriptor file = Temporary();
    WriteAt(file, "content", 0);
    EXPECT_EQ(Result(LinkTo(file, "f")), "OK");
    EXPECT_EQ(Status(file).st_nlink, 1u);
    EXPECT_EQ(Result(LinkTo(file, "f")), "EEXIST");
    EXPECT_EQ(Result(LinkTo(file, "g")), "OK");
  }
  Remount();
  EXPECT_EQ(Content("f"), "content");
  EXPECT_EQ(Status("g").st_nlink, 2u);
}

TEST_P(UnlinkedTest, AnExclusiveTemporaryFileGetsNone) {
  const Descriptor file = Temporary(O_EXCL);
  EXPECT_EQ(Result(LinkTo(file, "f")), "ENOENT");
}

TEST_P(UnlinkedTest, ATemporaryFileNeedsToBeWritten) {
  EXPECT_EQ(Opening(".", O_TMPFILE | O_RDONLY, 0600), "EINVAL");
}

TEST_P(UnlinkedTest, ATemporaryFileNeedsItsDirectorysPermission) {
  EXPECT_EQ(AsUser(kUser, [] { return open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }),
            "EACCES");
  EXPECT_EQ(chmod(".", 0777), 0);
  EXPECT_EQ(AsUser(kUser, [] { return open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }), "OK");
}

TEST_P(UnlinkedTest, UnlinkRefuses) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  EXPECT_EQ(Result(unlink("d")), "EISDIR");
  EXPECT_EQ(Result(unlink("none")), "ENOENT");
}

CHAINFS_CONFORMS(UnlinkedTest);

}  // namespace
}  // namespace chainfs::conformance

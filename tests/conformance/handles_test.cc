// SPDX-License-Identifier: GPL-3.0-or-later
// File handles: names for files that outlive renames and, of a vault, the mount.
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

// A file_handle, whose bytes have no fixed number.
struct Handle {
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + MAX_HANDLE_SZ> bytes{};
  file_handle* get() { return reinterpret_cast<file_handle*>(bytes.data()); }
};

class HandlesTest : public ConformanceTest {
 protected:
  static Handle HandleOf(const std::string& name) {
    Handle handle{};
    handle.get()->handle_bytes = MAX_HANDLE_SZ;
    int mount = 0;
    EXPECT_EQ(name_to_handle_at(AT_FDCWD, name.c_str(), handle.get(), &mount, 0), 0)
        << strerror(errno);
    return handle;
  }
  static Descriptor OpenByHandle(Handle& handle, int flags) {
    const Descriptor here = Open(".", O_RDONLY | O_DIRECTORY);
    return Descriptor(open_by_handle_at(here.get(), handle.get(), flags | O_CLOEXEC));
  }
};

TEST_P(HandlesTest, AFileIsOpenedByItsHandle) {
  Make("f", "content");
  Handle handle = HandleOf("f");
  const Descriptor file = OpenByHandle(handle, O_RDONLY);
  ASSERT_TRUE(file) << strerror(errno);
  EXPECT_EQ(ReadAt(file, 10, 0), "content");
  EXPECT_EQ(Status(file).st_ino, Status("f").st_ino);
}

TEST_P(HandlesTest, ADirectoryIsOpenedByItsHandleAndKnowsItsParent) {
  ASSERT_EQ(mkdir("d", 0755), 0);
  Handle handle = HandleOf("d");
  const Descriptor directory = OpenByHandle(handle, O_RDONLY | O_DIRECTORY);
  ASSERT_TRUE(directory) << strerror(errno);
  struct stat parent {};
  EXPECT_EQ(fstatat(directory.get(), "..", &parent, 0), 0);
  EXPECT_EQ(parent.st_ino, Status(".").st_ino);
}

TEST_P(HandlesTest, AHandleOutlivesARename) {
  Make("f", "content");
  Handle handle = HandleOf("f");
  EXPECT_EQ(rename("f", "g"), 0);
  const Descriptor file = OpenByHandle(handle, O_RDWR);
  ASSERT_TRUE(file) << strerror(errno);
  WriteAt(file, "CON", 0);
  EXPECT_EQ(Content("g"), "CONtent");
}

TEST_P(HandlesTest, AHandleOutlivesARemount) {
  Make("f", "content");
  ASSERT_EQ(mkdir("d", 0755), 0);
  Handle of_file = HandleOf("f"), of_directory = HandleOf("d");
  Remount();
  const Descriptor file = OpenByHandle(of_file, O_RDONLY);
  ASSERT_TRUE(file) << strerror(errno);
  EXPECT_EQ(ReadAt(file, 10, 0), "content");
  EXPECT_TRUE(OpenByHandle(of_directory, O_RDONLY | O_DIRECTORY)) << strerror(errno);
}

TEST_P(HandlesTest, AFileKeepsItsHandle) {
  Make("f", "content");
  const Handle before = HandleOf("f");
  Remount();
  const Handle after = HandleOf("f");
  EXPECT_EQ(after.bytes, before.bytes);
}

TEST_P(HandlesTest, ARemovedFilesHandleIsStale) {
  Make("f");
  Handle handle = HandleOf("f");
  EXPECT_EQ(unlink("f"), 0);
  EXPECT_FALSE(OpenByHandle(handle, O_RDONLY));
  EXPECT_EQ(errno, ESTALE);
}

TEST_P(HandlesTest, AHandleOfAFileThatIsReplacedDoesNotOpenTheNewOne) {
  Make("f", "old");
  Handle handle = HandleOf("f");
  EXPECT_EQ(unlink("f"), 0);
  for (int i = 0; i < 50; ++i) Make("new" + std::to_string(i), "new");
  EXPECT_FALSE(OpenByHandle(handle, O_RDONLY));
  Remount();
  EXPECT_FALSE(OpenByHandle(handle, O_RDONLY));
  EXPECT_EQ(errno, ESTALE);
}

TEST_P(HandlesTest, AnUnlinkedFileThatIsOpenIsOpenedByItsHandle) {
  const Descriptor held = Open("f");
  WriteAt(held, "content", 0);
  Handle handle = HandleOf("f");
  EXPECT_EQ(unlink("f"), 0);
  const Descriptor file = OpenByHandle(handle, O_RDONLY);
  ASSERT_TRUE(file) << strerror(errno);
  EXPECT_EQ(ReadAt(file, 10, 0), "content");
}

TEST_P(HandlesTest, ASmallBufferTellsTheSize) {
  Make("f");
  Handle handle{};
  int mount = 0;
  EXPECT_EQ(Result(name_to_handle_at(AT_FDCWD, "f", handle.get(), &mount, 0)), "EOVERFLOW");
  EXPECT_EQ(handle.get()->handle_bytes, HandleOf("f").get()->handle_bytes);
}

TEST_P(HandlesTest, OnlyRootOpensByHandle) {
  Make("f", "", 0666);
  Handle handle = HandleOf("f");
  EXPECT_EQ(AsUser(kOther,
                   [&] {
                     const int here = open(".", O_RDONLY | O_CLOEXEC);
                     return open_by_handle_at(here, handle.get(), O_RDONLY | O_CLOEXEC);
                   }),
            "EPERM");
}

CHAINFS_CONFORMS(HandlesTest);

}  // namespace
}  // namespace chainfs::conformance

// SPDX-License-Identifier: GPL-3.0-or-later
// What makes a program powerful goes away when the program, or its owner, changes.
#include <linux/capability.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class PrivilegesTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Make("f", std::string(10000, 'x'));
    ASSERT_EQ(chown("f", kUser, kUser), 0);
    ASSERT_EQ(chmod("f", 06777), 0);
  }
  static void GiveCapability() {
    vfs_cap_data capability{};
    capability.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
    capability.data[0].permitted = 1 << CAP_NET_RAW;
    ASSERT_EQ(setxattr("f", "security.capability", &capability, sizeof capability, 0), 0)
        << strerror(errno);
    ASSERT_TRUE(HasCapability());
  }
  static bool HasCapability() { return getxattr("f", "security.capability", nullptr, 0) > 0; }
};

long WriteByte(int flags) {
  const Descriptor file(open("f", O_WRONLY | O_CLOEXEC | flags));
  return file ? write(file.get(), "y", 1) : -1;
}

TEST_P(PrivilegesTest, AWriteDropsSuidAndSgid) {
  EXPECT_EQ(AsUser(kOther, [] { return WriteByte(0); }), "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, AWriteByTheOwnerDropsThemToo) {
  EXPECT_EQ(AsUser(kUser, [] { return WriteByte(O_APPEND); }), "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, AWriteByRootKeepsThem) {
  EXPECT_EQ(Result(WriteByte(0)), "OK");
  EXPECT_EQ(Mode("f"), 06777u);
}

TEST_P(PrivilegesTest, SgidWithoutExecutionForTheGroupIsNoPrivilege) {
  ASSERT_EQ(chmod("f", 02767), 0);
  EXPECT_EQ(AsUser(kUser, [] { return WriteByte(0); }), "OK");
  EXPECT_EQ(Mode("f"), 02767u);
}

TEST_P(PrivilegesTest, TruncateDropsSuidAndSgid) {
  EXPECT_EQ(AsUser(kOther, [] { return truncate("f", 10); }), "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, OpeningWithTruncDropsSuidAndSgid) {
  EXPECT_EQ(AsUser(kOther, [] { return open("f", O_WRONLY | O_TRUNC | O_CLOEXEC); }), "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, FallocateDropsSuidAndSgid) {
  EXPECT_EQ(AsUser(kOther, [] { return fallocate(open("f", O_RDWR | O_CLOEXEC), 0, 0, 50000); }),
            "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, PunchingAHoleDropsSuidAndSgid) {
  EXPECT_EQ(AsUser(kOther,
                   [] {
                     return fallocate(open("f", O_RDWR | O_CLOEXEC),
                                      FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096);
                   }),
            "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, CopyFileRangeDropsSuidAndSgid) {
  Make("source", "source");
  EXPECT_EQ(AsUser(kOther,
                   [] {
                     const int from = open("source", O_RDONLY | O_CLOEXEC);
                     const int to = open("f", O_WRONLY | O_CLOEXEC);
                     return copy_file_range(from, nullptr, to, nullptr, 6, 0);
                   }),
            "OK");
  EXPECT_EQ(Content("f").substr(0, 7), "sourcex");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, ADirectWriteDropsSuidAndSgid) {
  EXPECT_EQ(AsUser(kOther,
                   [] {
                     const int fd = open("f", O_WRONLY | O_DIRECT | O_CLOEXEC);
                     void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                     return fd < 0 ? -1 : write(fd, page, 4096);
                   }),
            "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, AChownByTheOwnerDropsSuidAndSgid) {
  EXPECT_EQ(AsUser(kUser, kUser, {99}, [] { return chown("f", uid_t(-1), 99); }), "OK");
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, AChownByRootDropsThemToo) {
  EXPECT_EQ(chown("f", kOther, kOther), 0);
  EXPECT_EQ(Mode("f"), 0777u);
}

TEST_P(PrivilegesTest, AChownKeepsSgidWhereTheGroupMayNotExecute) {
  ASSERT_EQ(chmod("f", 02767), 0);
  EXPECT_EQ(chown("f", kOther, kUser), 0);
  EXPECT_EQ(Mode("f"), 02767u);
}

TEST_P(PrivilegesTest, AChownOfADirectoryKeepsSetgid) {
  ASSERT_EQ(mkdir("d", 0755), 0);
  ASSERT_EQ(chmod("d", 02775), 0);
  EXPECT_EQ(chown("d", kUser, kUser), 0);
  EXPECT_EQ(Mode("d"), 02775u);
}

TEST_P(PrivilegesTest, ChmodToSgidNeedsToBeInTheGroup) {
  ASSERT_EQ(chown("f", kUser, 99), 0);
  EXPECT_EQ(AsUser(kUser, [] { return chmod("f", 02755); }), "OK");
  EXPECT_EQ(Mode("f"), 0755u);
  EXPECT_EQ(AsUser(kUser, kUser, {99}, [] { return chmod("f", 02755); }), "OK");
  EXPECT_EQ(Mode("f"), 02755u);
}

TEST_P(PrivilegesTest, AWriteDropsCapabilities) {
  GiveCapability();
  EXPECT_EQ(AsUser(kOther, [] { return WriteByte(0); }), "OK");
  EXPECT_FALSE(HasCapability());
}

TEST_P(PrivilegesTest, AWriteByRootDropsCapabilitiesToo) {
  GiveCapability();
  EXPECT_EQ(Result(WriteByte(0)), "OK");
  EXPECT_FALSE(HasCapability());
}

TEST_P(PrivilegesTest, TruncateDropsCapabilities) {
  GiveCapability();
  EXPECT_EQ(truncate("f", 10), 0);
  EXPECT_FALSE(HasCapability());
}

TEST_P(PrivilegesTest, AChownDropsCapabilities) {
  GiveCapability();
  EXPECT_EQ(chown("f", kOther, kOther), 0);
  EXPECT_FALSE(HasCapability());
}

TEST_P(PrivilegesTest, ChmodKeepsCapabilities) {
  GiveCapability();
  EXPECT_EQ(chmod("f", 0755), 0);
  EXPECT_TRUE(HasCapability());
}

TEST_P(PrivilegesTest, RenameAndLinkKeepEverything) {
  GiveCapability();
  EXPECT_EQ(link("f", "g"), 0);
  EXPECT_EQ(rename("g", "f"), 0) << "of the same file, which does nothing";
  EXPECT_EQ(Mode("f"), 06777u);
  EXPECT_TRUE(HasCapability());
}

CHAINFS_CONFORMS(PrivilegesTest);

}  // namespace
}  // namespace chainfs::conformance

// SPDX-License-Identifier: GPL-3.0-or-later
// The filesystem as a whole: what it says of itself, and how it is mounted.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"
#include "tests/tools/run_program.h"

namespace chainfs::conformance {
namespace {

class WholeTest : public ConformanceTest {
 protected:
  static struct statvfs Space(const std::string& name = ".") {
    struct statvfs space {};
    EXPECT_EQ(statvfs(name.c_str(), &space), 0);
    return space;
  }
};

// As it is mounted for one test; the local filesystem is bound read-only to a place of its own.
class ReadOnlyTest : public WholeTest {
 protected:
  void SetUp() override {
    WholeTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Make("f", "content");
    ASSERT_EQ(setxattr("f", "user.a", "1", 1, 0), 0);
    ASSERT_EQ(mkdir("d", 0777), 0);
    if (!local()) return Remount("ro");
    ASSERT_EQ(mount(directory().c_str(), directory().c_str(), nullptr, MS_BIND, nullptr), 0);
    ASSERT_EQ(
        mount(nullptr, directory().c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), 0);
    ASSERT_EQ(chdir(directory().c_str()), 0);
  }
  void TearDown() override {
    if (!directory().empty() && !local()) Remount();
    if (!directory().empty() && local()) {
      EXPECT_EQ(chdir("/"), 0);
      EXPECT_EQ(umount(directory().c_str()), 0);
    }
    WholeTest::TearDown();
  }
};

TEST_P(WholeTest, ThereIsSpace) {
  const struct statvfs space = Space();
  EXPECT_GT(space.f_blocks, 0u);
  EXPECT_GE(space.f_blocks, space.f_bfree);
  EXPECT_GE(space.f_bfree, space.f_bavail);
  EXPECT_GT(space.f_bavail, 0u);
  EXPECT_GE(space.f_files, space.f_ffree);
  EXPECT_GT(space.f_ffree, 0u);
  EXPECT_GE(space.f_frsize, 512u);
}

TEST_P(WholeTest, NamesHave255Bytes) { EXPECT_EQ(Space().f_namemax, 255u); }

TEST_P(WholeTest, ItIsTheSameFilesystemEverywhere) {
  ASSERT_EQ(mkdir("d", 0755), 0);
  Make("d/f");
  EXPECT_EQ(Status("d/f").st_dev, Status(".").st_dev);
  EXPECT_EQ(Space("d/f").f_fsid, Space(".").f_fsid);
  EXPECT_EQ(Space("d/f").f_blocks, Space(".").f_blocks);
}

TEST_P(WholeTest, SpaceOfADescriptor) {
  struct statvfs space {};
  EXPECT_EQ(fstatvfs(Open("f").get(), &space), 0);
  EXPECT_EQ(space.f_blocks, Space().f_blocks);
}

TEST_P(WholeTest, InodesDiffer) {
  Make("f");
  Make("g");
  EXPECT_NE(Status("f").st_ino, Status("g").st_ino);
  EXPECT_NE(Status("f").st_ino, Status(".").st_ino);
}

TEST_P(WholeTest, SyncfsWorks) {
  const Descriptor file = Open("f");
  WriteAt(file, "content", 0);
  EXPECT_EQ(Result(syncfs(file.get())), "OK");
}

TEST_P(WholeTest, AMountInUseIsNotUnmounted) {
  if (local()) GTEST_SKIP() << "nothing of ours is mounted there";
  EXPECT_EQ(Result(umount(root().c_str())), "EBUSY");
}

TEST_P(WholeTest, RemountingIsRefusedAndChangesNothing) {
  if (local()) GTEST_SKIP() << "nothing of ours is mounted there";
  // By the program, which says why; the kernel itself would turn a FUSE mount read-only and leave
  // the daemon in its belief.
  const tools::ProgramResult result =
      tools::RunProgram({tools::kMountProgram, "/nowhere/vault", root(), "-o", "remount,ro"});
  EXPECT_NE(result.code, 0);
  EXPECT_NE(result.err.find("remount"), result.err.npos) << result.err;
  Make("f", "still writable");
}

TEST_P(ReadOnlyTest, WhatIsThereIsRead) {
  EXPECT_EQ(Content("f"), "content");
  EXPECT_EQ(getxattr("f", "user.a", nullptr, 0), 1);
  EXPECT_TRUE(Space().f_flag & ST_RDONLY);
}

TEST_P(ReadOnlyTest, NothingIsMade) {
  EXPECT_EQ(Opening("g", O_CREAT | O_WRONLY), "EROFS");
  EXPECT_EQ(Result(mkdir("e", 0755)), "EROFS");
  EXPECT_EQ(Result(symlink("x", "l")), "EROFS");
  EXPECT_EQ(Result(link("f", "g")), "EROFS");
  EXPECT_EQ(Result(mkfifo("p", 0644)), "EROFS");
  EXPECT_EQ(Opening(".", O_TMPFILE | O_RDWR, 0600), "EROFS");
}

TEST_P(ReadOnlyTest, NothingIsRemovedOrRenamed) {
  EXPECT_EQ(Result(unlink("f")), "EROFS");
  EXPECT_EQ(Result(rmdir("d")), "EROFS");
  EXPECT_EQ(Result(rename("f", "g")), "EROFS");
}

TEST_P(ReadOnlyTest, NothingIsChanged) {
  EXPECT_EQ(Opening("f", O_RDWR), "EROFS");
  EXPECT_EQ(Opening("f", O_RDONLY | O_TRUNC), "EROFS");
  EXPECT_EQ(Result(truncate("f", 0)), "EROFS");
  EXPECT_EQ(Result(chmod("f", 0600)), "EROFS");
  EXPECT_EQ(Result(chown("f", 1, 1)), "EROFS");
  EXPECT_EQ(Result(setxattr("f", "user.b", "1", 1, 0)), "EROFS");
  EXPECT_EQ(Result(removexattr("f", "user.a")), "EROFS");
  EXPECT_EQ(Result(utimensat(AT_FDCWD, "f", nullptr, 0)), "EROFS");
}

TEST_P(ReadOnlyTest, WhatIsThereIsToldFirst) {
  EXPECT_EQ(Result(mkdir("d", 0755)), "EEXIST");
  EXPECT_EQ(Opening("f", O_CREAT | O_EXCL | O_RDWR), "EEXIST");
  EXPECT_EQ(Opening("f", O_CREAT | O_RDONLY), "OK");
}

TEST_P(ReadOnlyTest, AccessForWritingIsRefused) {
  EXPECT_EQ(Result(access("f", W_OK)), "EROFS");
  EXPECT_EQ(Result(access("f", R_OK)), "OK");
}

TEST_P(ReadOnlyTest, LocksWork) {
  struct flock range {};
  range.l_type = F_RDLCK;
  EXPECT_EQ(Result(fcntl(Open("f", O_RDONLY).get(), F_SETLK, &range)), "OK");
}

CHAINFS_CONFORMS(WholeTest);
CHAINFS_CONFORMS(ReadOnlyTest);

}  // namespace
}  // namespace chainfs::conformance

// SPDX-License-Identifier: GPL-3.0-or-later
// Which operation moves which time, and which does not.
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

constexpr timespec kNow{0, UTIME_NOW}, kOmit{0, UTIME_OMIT};

class TimesTest : public ConformanceTest {
 protected:
  static struct statx Statx(const std::string& name) {
    struct statx status {};
    EXPECT_EQ(statx(AT_FDCWD, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_ALL, &status), 0);
    return status;
  }
  // Which of the times of `name` the operation moves: of a(ccess), m(odification), c(hange) and
  // b(irth).
  static std::string Moved(const std::string& name, const std::function<void()>& operation) {
    const struct statx before = Statx(name);
    AwaitTick();
    AwaitTick();
    operation();
    const struct statx after = Statx(name);
    std::string moved;
    const auto compare = [&](char letter, const statx_timestamp& one, const statx_timestamp& two) {
      if (one.tv_sec != two.tv_sec || one.tv_nsec != two.tv_nsec) moved += letter;
    };
    compare('a', before.stx_atime, after.stx_atime);
    compare('m', before.stx_mtime, after.stx_mtime);
    compare('c', before.stx_ctime, after.stx_ctime);
    compare('b', before.stx_btime, after.stx_btime);
    return moved;
  }
  static void SetTimes(const std::string& name, timespec access, timespec modification) {
    const std::array<timespec, 2> times = {access, modification};
    EXPECT_EQ(utimensat(AT_FDCWD, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW), 0);
  }
  static void ReadIt(const std::string& name) {
    char byte;
    EXPECT_EQ(pread(Open(name, O_RDONLY).get(), &byte, 1, 0), 1);
  }
};

TEST_P(TimesTest, ANewFileHasAllTimesOfItsMaking) {
  Make("f");
  const struct statx made = Statx("f");
  ASSERT_TRUE(made.stx_mask & STATX_BTIME);
  Open("g", O_CREAT | O_WRONLY);
  const struct statx status = Statx("g");
  for (const statx_timestamp& time : {status.stx_atime, status.stx_ctime, status.stx_btime}) {
    EXPECT_EQ(time.tv_sec, status.stx_mtime.tv_sec);
    EXPECT_EQ(time.tv_nsec, status.stx_mtime.tv_nsec);
  }
}

TEST_P(TimesTest, MakingAFileMovesItsDirectory) {
  EXPECT_EQ(Moved(".", [] { Open("f", O_CREAT | O_WRONLY); }), "mc");
}

TEST_P(TimesTest, OpeningAFileMovesNothing) {
  Make("f", "x");
  EXPECT_EQ(Moved("f", [] { Open("f", O_RDWR | O_CREAT); }), "");
  EXPECT_EQ(Moved(".", [] { Open("f", O_RDWR | O_CREAT); }), "");
}

TEST_P(TimesTest, OpenWithTruncMovesMtimeAlsoOfAnEmptyFile) {
  Make("f", "x");
  EXPECT_EQ(Moved("f", [] { Open("f", O_WRONLY | O_TRUNC); }), "mc");
  EXPECT_EQ(Moved("f", [] { Open("f", O_WRONLY | O_TRUNC); }), "mc");
}

TEST_P(TimesTest, AWriteMovesMtimeAndCtime) {
  Make("f", "x");
  EXPECT_EQ(Moved("f", [] { WriteAt(Open("f", O_WRONLY), "y", 0); }), "mc");
}

TEST_P(TimesTest, AWriteOfNothingMovesNothing) {
  Make("f", "x");
  EXPECT_EQ(Moved("f", [] { WriteAt(Open("f", O_WRONLY), "", 0); }), "");
}

TEST_P(TimesTest, TruncateMovesMtimeAndCtimeAlsoToTheSameSize) {
  Make("f", "content");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(truncate("f", 3), 0); }), "mc");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(truncate("f", 9000), 0); }), "mc");
}

TEST_P(TimesTest, FtruncateToTheSameSizeMovesMtime) {
  Make("f", "content");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(ftruncate(Open("f", O_WRONLY).get(), 7), 0); }), "mc");
}

TEST_P(TimesTest, FallocateMovesCtime) {
  Make("f", "x");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(fallocate(Open("f").get(), 0, 0, 9000), 0); }), "mc");
}

TEST_P(TimesTest, PunchingAHoleMovesMtime) {
  Make("f", std::string(9000, 'x'));
  EXPECT_EQ(Moved("f",
                  [] {
                    EXPECT_EQ(fallocate(Open("f").get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                        0, 4096),
                              0);
                  }),
            "mc");
}

TEST_P(TimesTest, CopyFileRangeMovesMtimeOfTheTarget) {
  Make("from", "content");
  Make("to");
  EXPECT_EQ(
      Moved("to",
            [] {
              EXPECT_EQ(
                  copy_file_range(Open("from").get(), nullptr, Open("to").get(), nullptr, 7, 0), 7);
            }),
      "mc");
}

TEST_P(TimesTest, AMappedWriteMovesMtime) {
  Make("f", "content");
  SetTimes("f", {time(nullptr) + 10, 0}, kOmit);  // for mapping it counts as an access
  EXPECT_EQ(Moved("f",
                  [] {
                    const Descriptor file = Open("f", O_RDWR);
                    void* const memory =
                        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
                    ASSERT_NE(memory, MAP_FAILED);
                    *static_cast<char*>(memory) = 'y';
                    EXPECT_EQ(msync(memory, 4096, MS_SYNC), 0);
                    EXPECT_EQ(munmap(memory, 4096), 0);
                  }),
            "mc");
}

TEST_P(TimesTest, ChmodAndChownMoveCtimeAlone) {
  Make("f");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(chmod("f", 0600), 0); }), "c");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(chown("f", kUser, kUser), 0); }), "c");
}

TEST_P(TimesTest, AttributesMoveCtimeAlone) {
  Make("f");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(setxattr("f", "user.a", "1", 1, 0), 0); }), "c");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(removexattr("f", "user.a"), 0); }), "c");
}

TEST_P(TimesTest, ALinkMovesCtimeOfTheFileAndItsDirectory) {
  Make("f");
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(link("f", "g"), 0); }), "c");
  EXPECT_EQ(Moved(".", [] { EXPECT_EQ(link("f", "h"), 0); }), "mc");
}

TEST_P(TimesTest, UnlinkMovesCtimeOfTheFileAndItsDirectory) {
  Make("f");
  EXPECT_EQ(link("f", "g"), 0);
  EXPECT_EQ(link("f", "h"), 0);
  EXPECT_EQ(Moved("f", [] { EXPECT_EQ(unlink("g"), 0); }), "c");
  EXPECT_EQ(Moved(".", [] { EXPECT_EQ(unlink("h"), 0); }), "mc");
}

TEST_P(TimesTest, MkdirAndRmdirMoveTheDirectory) {
  EXPECT_EQ(Moved(".", [] { EXPECT_EQ(mkdir("d", 0755), 0); }), "mc");
  EXPECT_EQ(Moved(".", [] { EXPECT_EQ(rmdir("d"), 0); }), "mc");
}

TEST_P(TimesTest, RenameMovesCtimeOfTheFile) {
  Make("f");
  EXPECT_EQ(link("f", "same"), 0);
  EXPECT_EQ(Moved("same", [] { EXPECT_EQ(rename("f", "g"), 0); }), "c");
}

TEST_P(TimesTest, RenameMovesBothDirectories) {
  EXPECT_EQ(mkdir("a", 0755), 0);
  EXPECT_EQ(mkdir("b", 0755), 0);
  Make("a/f");
  Make("a/g");
  EXPECT_EQ(Moved("a", [] { EXPECT_EQ(rename("a/f", "b/f"), 0); }), "mc");
  EXPECT_EQ(Moved("b", [] { EXPECT_EQ(rename("a/g", "b/g"), 0); }), "mc");
}

TEST_P(TimesTest, AReplacedFilesCtimeMoves) {
  Make("f");
  Make("g");
  EXPECT_EQ(link("g", "same"), 0);
  EXPECT_EQ(Moved("same", [] { EXPECT_EQ(rename("f", "g"), 0); }), "c");
}

TEST_P(TimesTest, WhatFailsMovesNothing) {
  EXPECT_EQ(mkdir("d", 0755), 0);
  Make("d/f");
  EXPECT_EQ(Moved("d", [] { EXPECT_NE(mkdir("d/f", 0755), 0); }), "");
  EXPECT_EQ(Moved("d", [] { EXPECT_NE(rmdir("d"), 0); }), "");
  EXPECT_EQ(Moved("d/f", [] { EXPECT_NE(link("d/f", "d/f"), 0); }), "");
}

TEST_P(TimesTest, LookingMovesNothing) {
  Make("f");
  EXPECT_EQ(Moved("f", [] { Status("f"); }), "");
  EXPECT_EQ(Moved("f", [] { access("f", R_OK); }), "");
}

TEST_P(TimesTest, TimesAreSetToTheNanosecond) {
  Make("f");
  SetTimes("f", {1'000'000'001, 123'456'789}, {1'000'000'002, 987'654'321});
  const struct stat status = Status("f");
  EXPECT_EQ(status.st_atim.tv_sec, 1'000'000'001);
  EXPECT_EQ(status.st_atim.tv_nsec, 123'456'789);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'000'000'002);
  EXPECT_EQ(status.st_mtim.tv_nsec, 987'654'321);
}

TEST_P(TimesTest, SettingTimesMovesCtime) {
  Make("f");
  EXPECT_EQ(Moved("f", [] { SetTimes("f", {1, 0}, {2, 0}); }), "amc");
  EXPECT_EQ(Moved("f", [] { SetTimes("f", {1, 0}, {2, 0}); }), "c");
}

TEST_P(TimesTest, ATimeThatIsOmittedStays) {
  Make("f");
  EXPECT_EQ(Moved("f", [] { SetTimes("f", {1, 0}, kOmit); }), "ac");
  EXPECT_EQ(Moved("f", [] { SetTimes("f", kOmit, {2, 0}); }), "mc");
  EXPECT_EQ(Moved("f", [] { SetTimes("f", kOmit, kOmit); }), "");
}

TEST_P(TimesTest, NowIsTheClocksTime) {
  Make("f");
  SetTimes("f", {1, 0}, {1, 0});
  const time_t before = time(nullptr);
  SetTimes("f", kNow, kNow);
  EXPECT_GE(Status("f").st_atim.tv_sec, before - 1);
  EXPECT_GE(Status("f").st_mtim.tv_sec, before - 1);
}

TEST_P(TimesTest, TimesBefore1970AndAfter2038AreKept) {
  Make("f");
  SetTimes("f", {-100'000, 999'999'999}, {5'000'000'000, 1});
  Remount();
  const struct stat status = Status("f");
  EXPECT_EQ(status.st_atim.tv_sec, -100'000);
  EXPECT_EQ(status.st_atim.tv_nsec, 999'999'999);
  EXPECT_EQ(status.st_mtim.tv_sec, 5'000'000'000);
}

TEST_P(TimesTest, NanosecondsOutOfRangeAreInvalid) {
  Make("f");
  const std::array<timespec, 2> times = {timespec{1, 1'000'000'000}, timespec{1, 0}};
  EXPECT_EQ(Result(utimensat(AT_FDCWD, "f", times.data(), 0)), "EINVAL");
}

TEST_P(TimesTest, ALinksOwnTimesAreSet) {
  Make("f");
  EXPECT_EQ(symlink("f", "l"), 0);
  EXPECT_EQ(Moved("f", [] { SetTimes("l", {1, 0}, {2, 0}); }), "");
  EXPECT_EQ(Status("l").st_mtim.tv_sec, 2);
}

TEST_P(TimesTest, WhoMayWriteSetsTimesToNowAndTheOwnerToAnything) {
  Make("f", "", 0666);
  const std::array<timespec, 2> any = {timespec{1, 0}, timespec{2, 0}}, half = {kNow, kOmit};
  EXPECT_EQ(AsUser(kOther, [] { return utimensat(AT_FDCWD, "f", nullptr, 0); }), "OK");
  EXPECT_EQ(AsUser(kOther, [&] { return utimensat(AT_FDCWD, "f", any.data(), 0); }), "EPERM");
  EXPECT_EQ(AsUser(kOther, [&] { return utimensat(AT_FDCWD, "f", half.data(), 0); }), "EPERM");
  EXPECT_EQ(chmod("f", 0644), 0);
  EXPECT_EQ(AsUser(kOther, [] { return utimensat(AT_FDCWD, "f", nullptr, 0); }), "EACCES");
  EXPECT_EQ(chown("f", kUser, kUser), 0);
  EXPECT_EQ(AsUser(kUser, [&] { return utimensat(AT_FDCWD, "f", any.data(), 0); }), "OK");
}

// Of a FUSE file the kernel leaves atime to the daemon, and chainfs moves it for nobody who reads.
TEST_P(TimesTest, DISABLED_RelatimeAReadMovesAnAtimeThatIsOlderThanTheLastChange) {
  Make("f", "content");
  SetTimes("f", {1'000'000'000, 0}, kNow);
  EXPECT_EQ(Moved("f", [] { ReadIt("f"); }), "a");
}

TEST_P(TimesTest, RelatimeAReadLeavesAnAtimeThatIsNewer) {
  Make("f", "content");
  AwaitTick();
  SetTimes("f", kNow, kOmit);
  SetTimes("f", {time(nullptr) + 10, 0}, kOmit);
  EXPECT_EQ(Moved("f", [] { ReadIt("f"); }), "");
}

TEST_P(TimesTest, OpenWithNoAtimeLeavesIt) {
  Make("f", "content");
  SetTimes("f", {1'000'000'000, 0}, kNow);
  EXPECT_EQ(Moved("f",
                  [] {
                    char byte;
                    EXPECT_EQ(read(Open("f", O_RDONLY | O_NOATIME).get(), &byte, 1), 1);
                  }),
            "");
  EXPECT_EQ(AsUser(kOther, [] { return open("f", O_RDONLY | O_NOATIME | O_CLOEXEC); }), "EPERM");
}

TEST_P(TimesTest, TheTimeOfBirthStays) {
  Make("f");
  const struct statx before = Statx("f");
  WriteAt(Open("f"), "x", 0);
  EXPECT_EQ(rename("f", "g"), 0);
  SetTimes("g", {1, 0}, {1, 0});
  Remount();
  const struct statx after = Statx("g");
  EXPECT_EQ(after.stx_btime.tv_sec, before.stx_btime.tv_sec);
  EXPECT_EQ(after.stx_btime.tv_nsec, before.stx_btime.tv_nsec);
}

CHAINFS_CONFORMS(TimesTest);

}  // namespace
}  // namespace chainfs::conformance

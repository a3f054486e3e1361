// SPDX-License-Identifier: GPL-3.0-or-later
// Who may do what: mode bits, owners, groups, the sticky bit, and what setgid on a directory means.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class PermissionsTest : public ConformanceTest {
 protected:
  // A file or directory of kUser's, of the group with the same number.
  void MakeOwned(const std::string& name, mode_t mode) {
    Make(name, "content");
    ASSERT_EQ(chown(name.c_str(), kUser, kUser), 0);
    ASSERT_EQ(chmod(name.c_str(), mode), 0);
  }
  void MakeDirectory(const std::string& name, mode_t mode, uid_t owner = 0) {
    ASSERT_EQ(mkdir(name.c_str(), 0700), 0);
    ASSERT_EQ(chown(name.c_str(), owner, owner), 0);
    ASSERT_EQ(chmod(name.c_str(), mode), 0);
  }
};

long OpenFile(const char* name, int flags) { return open(name, flags | O_CLOEXEC, 0644); }

TEST_P(PermissionsTest, OwnerBitsCountForTheOwnerEvenIfOthersMayMore) {
  MakeOwned("f", 0077);
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("f", O_RDONLY); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_RDWR); }), "OK");
}

TEST_P(PermissionsTest, GroupBitsCountForTheGroupEvenIfOthersMayMore) {
  MakeOwned("f", 0606);
  EXPECT_EQ(AsUser(kOther, kUser, {}, [] { return OpenFile("f", O_RDONLY); }), "EACCES");
}

TEST_P(PermissionsTest, ASupplementaryGroupCountsAsTheGroup) {
  MakeOwned("f", 0640);
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_RDONLY); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, kOther, {1, kUser}, [] { return OpenFile("f", O_RDONLY); }), "OK");
  EXPECT_EQ(AsUser(kOther, kOther, {1, kUser}, [] { return OpenFile("f", O_WRONLY); }), "EACCES");
}

TEST_P(PermissionsTest, ReadingNeedsNoWritingAndTheOtherWayRound) {
  MakeOwned("f", 0604);
  MakeOwned("g", 0602);
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_RDONLY); }), "OK");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_WRONLY); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("g", O_WRONLY); }), "OK");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("g", O_RDONLY); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("g", O_RDWR); }), "EACCES");
}

TEST_P(PermissionsTest, RootReadsAndWritesAnything) {
  MakeOwned("f", 0);
  EXPECT_EQ(Opening("f", O_RDWR), "OK");
}

TEST_P(PermissionsTest, RootExecutesOnlyWhatSomebodyMayExecute) {
  MakeOwned("f", 0666);
  EXPECT_EQ(Result(access("f", X_OK)), "EACCES");
  EXPECT_EQ(chmod("f", 0001), 0);
  EXPECT_EQ(Result(access("f", X_OK)), "OK");
}

TEST_P(PermissionsTest, SearchingADirectoryNeedsItsXBit) {
  MakeDirectory("d", 0744);
  Make("d/f");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("d/f", O_RDONLY); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("d", O_RDONLY); }), "OK");
  EXPECT_EQ(chmod("d", 0711), 0);
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("d/f", O_RDONLY); }), "OK");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("d", O_RDONLY); }), "EACCES");
}

TEST_P(PermissionsTest, CreatingNeedsToWriteTheDirectory) {
  MakeDirectory("d", 0755);
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("d/f", O_CREAT | O_WRONLY); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return mkdir("d/s", 0755); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return symlink("x", "d/l"); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return mkfifo("d/p", 0644); }), "EACCES");
  EXPECT_EQ(chmod("d", 0777), 0);
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("d/f", O_CREAT | O_WRONLY); }), "OK");
}

TEST_P(PermissionsTest, RemovingNeedsToWriteTheDirectoryAndNotTheFile) {
  MakeDirectory("d", 0777);
  MakeOwned("d/f", 0400);
  EXPECT_EQ(AsUser(kOther, [] { return unlink("d/f"); }), "OK");
  MakeOwned("d/g", 0666);
  EXPECT_EQ(chmod("d", 0755), 0);
  EXPECT_EQ(AsUser(kUser, [] { return unlink("d/g"); }), "EACCES");
}

TEST_P(PermissionsTest, NewFilesBelongToTheirMaker) {
  MakeDirectory("d", 0777);
  EXPECT_EQ(AsUser(kUser, kOther, {}, [] { return OpenFile("d/f", O_CREAT | O_WRONLY); }), "OK");
  EXPECT_EQ(Status("d/f").st_uid, kUser);
  EXPECT_EQ(Status("d/f").st_gid, kOther);
}

TEST_P(PermissionsTest, TheUmaskIsTakenFromTheMode) {
  umask(027);
  Open("f", O_CREAT | O_WRONLY, 0666);
  EXPECT_EQ(Mode("f"), 0640u);
  EXPECT_EQ(mkdir("d", 0777), 0);
  EXPECT_EQ(Mode("d"), 0750u);
  EXPECT_EQ(mknod("p", S_IFIFO | 0666, 0), 0);
  EXPECT_EQ(Mode("p"), 0640u);
}

TEST_P(PermissionsTest, AFileMadeReadOnlyCanBeWrittenThroughTheDescriptorThatMadeIt) {
  const Descriptor file = Open("f", O_CREAT | O_RDWR, 0);
  WriteAt(file, "x", 0);
  EXPECT_EQ(Mode("f"), 0u);
}

TEST_P(PermissionsTest, ADescriptorKeepsWhatItWasOpenedFor) {
  MakeOwned("f", 0666);
  EXPECT_EQ(AsUser(kOther,
                   [] {
                     const int fd = open("f", O_RDWR | O_CLOEXEC);
                     return write(fd, "x", 1);
                   }),
            "OK");
  const Descriptor file = Open("f", O_RDONLY);
  EXPECT_EQ(chmod("f", 0), 0);
  EXPECT_EQ(ReadAt(file, 3, 0), "xon");
  EXPECT_EQ(Result(write(file.get(), "x", 1)), "EBADF");
}

TEST_P(PermissionsTest, TruncatingNeedsToWriteTheFile) {
  MakeOwned("f", 0644);
  EXPECT_EQ(AsUser(kOther, [] { return truncate("f", 0); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return OpenFile("f", O_RDONLY | O_TRUNC); }), "EACCES");
  EXPECT_EQ(Content("f"), "content");
  EXPECT_EQ(AsUser(kUser, [] { return truncate("f", 1); }), "OK");
}

TEST_P(PermissionsTest, OnlyTheOwnerChangesTheMode) {
  MakeOwned("f", 0666);
  EXPECT_EQ(AsUser(kOther, [] { return chmod("f", 0777); }), "EPERM");
  EXPECT_EQ(AsUser(kUser, [] { return chmod("f", 0600); }), "OK");
  EXPECT_EQ(Mode("f"), 0600u);
}

TEST_P(PermissionsTest, NobodyGivesAFileAway) {
  MakeOwned("f", 0666);
  EXPECT_EQ(AsUser(kUser, [] { return chown("f", kOther, gid_t(-1)); }), "EPERM");
  EXPECT_EQ(AsUser(kOther, [] { return chown("f", kOther, gid_t(-1)); }), "EPERM");
  EXPECT_EQ(AsUser(kUser, [] { return chown("f", kUser, gid_t(-1)); }), "OK");
}

TEST_P(PermissionsTest, TheOwnerChangesTheGroupToOneOfHisOwn) {
  MakeOwned("f", 0666);
  EXPECT_EQ(AsUser(kUser, [] { return chown("f", uid_t(-1), 99); }), "EPERM");
  EXPECT_EQ(AsUser(kUser, kUser, {99}, [] { return chown("f", uid_t(-1), 99); }), "OK");
  EXPECT_EQ(Status("f").st_gid, 99u);
}

TEST_P(PermissionsTest, ChownOfALinkItself) {
  EXPECT_EQ(symlink("nowhere", "l"), 0);
  EXPECT_EQ(Result(lchown("l", kUser, kOther)), "OK");
  EXPECT_EQ(Status("l").st_uid, kUser);
  EXPECT_EQ(Status("l").st_gid, kOther);
}

TEST_P(PermissionsTest, AStickyDirectoryKeepsOthersFiles) {
  MakeDirectory("d", 01777);
  MakeOwned("d/f", 0666);
  EXPECT_EQ(AsUser(kOther, [] { return unlink("d/f"); }), "EPERM");
  EXPECT_EQ(AsUser(kOther, [] { return rename("d/f", "d/g"); }), "EPERM");
  EXPECT_EQ(AsUser(kUser, [] { return rename("d/f", "d/g"); }), "OK");
  EXPECT_EQ(AsUser(kUser, [] { return unlink("d/g"); }), "OK");
}

TEST_P(PermissionsTest, AStickyDirectoryKeepsOthersFilesFromBeingReplaced) {
  MakeDirectory("d", 01777);
  MakeOwned("d/f", 0666);
  EXPECT_EQ(AsUser(kOther,
                   [] {
                     close(open("d/mine", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
                     return rename("d/mine", "d/f");
                   }),
            "EPERM");
}

TEST_P(PermissionsTest, AStickyDirectoryKeepsOthersDirectories) {
  MakeDirectory("d", 01777);
  MakeDirectory("d/s", 0777, kUser);
  EXPECT_EQ(AsUser(kOther, [] { return rmdir("d/s"); }), "EPERM");
  EXPECT_EQ(AsUser(kUser, [] { return rmdir("d/s"); }), "OK");
}

TEST_P(PermissionsTest, TheOwnerOfAStickyDirectoryRemovesAnything) {
  MakeDirectory("d", 01777, kOther);
  MakeOwned("d/f", 0666);
  EXPECT_EQ(AsUser(kOther, [] { return unlink("d/f"); }), "OK");
}

TEST_P(PermissionsTest, SetgidOnADirectoryGivesItsGroupToNewFiles) {
  MakeDirectory("d", 02777, kOther);
  EXPECT_EQ(AsUser(kUser, [] { return OpenFile("d/f", O_CREAT | O_WRONLY); }), "OK");
  EXPECT_EQ(AsUser(kUser, [] { return symlink("x", "d/l"); }), "OK");
  EXPECT_EQ(Status("d/f").st_gid, kOther);
  EXPECT_EQ(Mode("d/f"), 0644u);
  EXPECT_EQ(Status("d/l").st_gid, kOther);
}

TEST_P(PermissionsTest, SetgidOnADirectoryGoesOnToNewDirectories) {
  MakeDirectory("d", 02777, kOther);
  EXPECT_EQ(AsUser(kUser, [] { return mkdir("d/s", 0755); }), "OK");
  EXPECT_EQ(Status("d/s").st_gid, kOther);
  EXPECT_EQ(Mode("d/s"), 02755u);
}

TEST_P(PermissionsTest, AProgramOfAForeignGroupIsNotMadeSetgidInASetgidDirectory) {
  MakeDirectory("d", 02777, kOther);
  EXPECT_EQ(AsUser(kUser, [] { return open("d/f", O_CREAT | O_WRONLY | O_CLOEXEC, 02755); }), "OK");
  EXPECT_EQ(Mode("d/f"), 0755u);
  EXPECT_EQ(AsUser(kUser, kUser, {kOther},
                   [] { return open("d/g", O_CREAT | O_WRONLY | O_CLOEXEC, 02755); }),
            "OK");
  EXPECT_EQ(Mode("d/g"), 02755u);
}

TEST_P(PermissionsTest, AccessAsksForTheRealUser) {
  MakeOwned("f", 0600);
  EXPECT_EQ(AsUser(kUser, [] { return access("f", R_OK | W_OK); }), "OK");
  EXPECT_EQ(AsUser(kUser, [] { return access("f", X_OK); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return access("f", R_OK); }), "EACCES");
  EXPECT_EQ(AsUser(kOther, [] { return access("f", F_OK); }), "OK");
}

TEST_P(PermissionsTest, MovingADirectoryElsewhereNeedsToWriteIt) {
  MakeDirectory("a", 0777);
  MakeDirectory("b", 0777);
  MakeDirectory("a/d", 0555, kUser);
  EXPECT_EQ(AsUser(kUser, [] { return rename("a/d", "b/d"); }), "EACCES") << "its .. changes";
  EXPECT_EQ(AsUser(kUser, [] { return rename("a/d", "a/e"); }), "OK");
}

TEST_P(PermissionsTest, DevicesAreForRoot) {
  MakeDirectory("d", 0777);
  EXPECT_EQ(AsUser(kUser, [] { return mknod("d/c", S_IFCHR | 0666, 259); }), "EPERM");
  EXPECT_EQ(AsUser(kUser, [] { return mknod("d/p", S_IFIFO | 0666, 0); }), "OK");
}

CHAINFS_CONFORMS(PermissionsTest);

}  // namespace
}  // namespace chainfs::conformance

// SPDX-License-Identifier: GPL-3.0-or-later
// Names, attributes and notifications as programs expect them of a local filesystem.
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <map>
#include <set>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

class SemanticsTest : public MountedVault {
 protected:
  int Rename(const std::string& from, const std::string& to, unsigned flags) {
    return static_cast<int>(
        syscall(SYS_renameat2, AT_FDCWD, In(from).c_str(), AT_FDCWD, In(to).c_str(), flags));
  }
  Descriptor Open(const std::string& name, int flags = O_RDWR | O_CREAT, mode_t mode = 0666) {
    return Descriptor(open(In(name).c_str(), flags | O_CLOEXEC, mode));
  }
  mode_t Mode(const std::string& name) {
    struct stat status {};
    EXPECT_EQ(lstat(In(name).c_str(), &status), 0) << name;
    return status.st_mode & 07777;
  }
};

TEST_P(SemanticsTest, RenameReplacesRefusesAndExchanges) {
  Write("a", "A");
  Write("b", "B");
  EXPECT_EQ(Rename("a", "b", RENAME_NOREPLACE), -1);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(Rename("a", "b", RENAME_EXCHANGE), 0);
  EXPECT_EQ(Read("a") + Read("b"), "BA");
  EXPECT_EQ(Rename("a", "c", RENAME_NOREPLACE), 0);
  EXPECT_EQ(Rename("c", "b", 0), 0);
  EXPECT_EQ(Read("b"), "B");
  EXPECT_FALSE(std::filesystem::exists(In("a")));
  EXPECT_EQ(Rename("b", "w", RENAME_WHITEOUT), 0);
  struct stat status {};
  ASSERT_EQ(lstat(In("b").c_str(), &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
  EXPECT_EQ(status.st_rdev, 0u);
}

TEST_P(SemanticsTest, ANameThatWasMissingIsFoundOnceItIsMade) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(Open("n", O_RDONLY)) << "the kernel remembers that";
    { EXPECT_TRUE(Open("n", O_RDWR | O_CREAT | O_EXCL)); }
    EXPECT_TRUE(Open("n", O_RDONLY));
    EXPECT_EQ(Open("n", O_RDWR | O_CREAT | O_EXCL).get(), -1);
    EXPECT_EQ(errno, EEXIST);
    ASSERT_EQ(unlink(In("n").c_str()), 0);
  }
}

TEST_P(SemanticsTest, UmaskAndDefaultAclsShapeNewFiles) {
  if (!Have({"setfacl", "getfacl"})) return;
  const mode_t before = umask(027);
  Open("f");
  ASSERT_EQ(mkdir(In("d").c_str(), 0777), 0);
  EXPECT_EQ(Mode("f"), 0640u);
  EXPECT_EQ(Mode("d"), 0750u);
  Shell("mkdir acl; setfacl -d -m u::rwx,g::rwx,o::r-x,u:77:rw- acl");
  Open("acl/f");
  umask(before);
  EXPECT_EQ(Mode("acl/f"), 0664u) << "a default ACL takes the umask's place";
  Script("acl_modes");
}

TEST_P(SemanticsTest, PermissionsAreChecked) {
  UnmountVault();
  MountVault("allow_other");
  if (IsSkipped() || HasFatalFailure()) return;
  Shell(
      "chmod 755 .; mkdir -m 777 open; mkdir -m 755 shut; echo x > shut/f; chmod 644 shut/f;"
      "cp /bin/true open/p; chown 1234:1234 open/p; chmod 6755 open/p");
  chmod(scratch_.path().c_str(), 0755);
  const auto as_user = [&](const std::string& script) {
    return tools::RunProgram({"sh", "-c", "cd " + mount_point_ + " && " + script},
                             {.input = {}, .environment = {}, .user = 1234})
        .code;
  };
  EXPECT_EQ(as_user("cat shut/f && echo y > open/mine && test -O open/mine"), 0);
  EXPECT_NE(as_user("echo y > shut/f"), 0);
  EXPECT_NE(as_user("rm -f shut/f"), 0);
  EXPECT_NE(as_user("chown 0 open/mine"), 0);
  EXPECT_EQ(Mode("open/p"), 06755u);
  EXPECT_EQ(as_user("echo y >> open/p"), 0);
  EXPECT_EQ(Mode("open/p"), 0755u) << "a write drops suid and sgid";
}

TEST_P(SemanticsTest, InotifySeesWhatHappens) {
  const Descriptor watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ASSERT_GE(inotify_add_watch(watch.get(), mount_point_.c_str(), IN_ALL_EVENTS), 0);
  Write("f", "content");
  ASSERT_EQ(Rename("f", "g", 0), 0);
  ASSERT_EQ(unlink(In("g").c_str()), 0);
  uint32_t seen = 0;
  alignas(inotify_event) std::array<char, 8192> buffer;
  for (ssize_t n; (n = read(watch.get(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(&buffer[static_cast<size_t>(at)]);
      seen |= event->mask;
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  }
  for (const uint32_t expected :
       {IN_CREATE, IN_MODIFY, IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO, IN_DELETE}) {
    EXPECT_TRUE(seen & expected) << std::hex << expected;
  }
}

TEST_P(SemanticsTest, LocksExcludeEachOther) {
  const Descriptor one = Open("f"), two = Open("f");
  EXPECT_EQ(flock(one.get(), LOCK_EX), 0);
  EXPECT_EQ(flock(two.get(), LOCK_EX | LOCK_NB), -1);
  EXPECT_EQ(flock(one.get(), LOCK_UN), 0);
  EXPECT_EQ(flock(two.get(), LOCK_EX | LOCK_NB), 0);
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_len = 100;
  EXPECT_EQ(fcntl(one.get(), F_OFD_SETLK, &range), 0);
  EXPECT_EQ(fcntl(two.get(), F_OFD_SETLK, &range), -1);
}

TEST_P(SemanticsTest, XattrsTellTheirSizeAndRefuseASmallBuffer) {
  Write("f", "");
  const std::string path = In("f"), value(60000, 'v');
  ASSERT_EQ(setxattr(path.c_str(), "user.big", value.data(), value.size(), XATTR_CREATE), 0);
  EXPECT_EQ(setxattr(path.c_str(), "user.big", "", 0, XATTR_CREATE), -1);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(setxattr(path.c_str(), "user.none", "", 0, XATTR_REPLACE), -1);
  EXPECT_EQ(errno, ENODATA);
  EXPECT_EQ(getxattr(path.c_str(), "user.big", nullptr, 0), 60000);
  std::string buffer(60000, 0);
  EXPECT_EQ(getxattr(path.c_str(), "user.big", buffer.data(), 100), -1);
  EXPECT_EQ(errno, ERANGE);
  EXPECT_EQ(getxattr(path.c_str(), "user.big", buffer.data(), buffer.size()), 60000);
  EXPECT_EQ(buffer, value);
  EXPECT_EQ(listxattr(path.c_str(), nullptr, 0), 9);
  EXPECT_EQ(removexattr(path.c_str(), "user.big"), 0);
  EXPECT_EQ(removexattr(path.c_str(), "user.big"), -1);
  EXPECT_EQ(errno, ENODATA);
}

TEST_P(SemanticsTest, TimesAreKeptToTheNanosecond) {
  Write("f", "x");
  const std::array<timespec, 2> times = {{{-12345, 123456789}, {15032385535, 999999999}}};
  ASSERT_EQ(utimensat(AT_FDCWD, In("f").c_str(), times.data(), 0), 0);
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  struct stat status {};
  ASSERT_EQ(stat(In("f").c_str(), &status), 0);
  EXPECT_EQ(status.st_atim.tv_sec, -12345);
  EXPECT_EQ(status.st_atim.tv_nsec, 123456789);
  EXPECT_EQ(status.st_mtim.tv_sec, 15032385535);
  EXPECT_EQ(status.st_mtim.tv_nsec, 999999999);
}

// The kernel does not mark a time as moved that its clock has not moved since the file was made or
// cut off; its write comes when the clock has.
TEST_P(SemanticsTest, TimesAfterFsyncAreThoseAfterARemount) {
  const auto times = [&](const std::string& name) {
    struct stat status {};
    EXPECT_EQ(stat(In(name).c_str(), &status), 0) << name;
    return std::array{status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                      status.st_ctim.tv_nsec};
  };
  const auto wait_for_a_tick = [] {
    timespec before{}, now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &before);
    do {
      clock_gettime(CLOCK_REALTIME_COARSE, &now);
    } while (now.tv_nsec == before.tv_nsec);
  };
  std::map<std::string, std::array<time_t, 4>> expected;
  const std::string data(100'000, 'x');
  for (int i = 0; i < 20; ++i) {
    const std::string name = "file" + std::to_string(i);
    for (const int how : {O_CREAT, O_TRUNC}) {
      wait_for_a_tick();
      const Descriptor file = Open(name, O_RDWR | how);
      ASSERT_EQ(write(file.get(), data.data(), data.size()), ssize_t(data.size()));
      wait_for_a_tick();
      ASSERT_EQ(fsync(file.get()), 0);
    }
    // Of the same size: the kernel takes it for no change.
    if (i % 2 == 0) {
      EXPECT_EQ(truncate(In(name).c_str(), off_t(data.size())), 0);
    }
    expected[name] = times(name);
  }
  Remount();
  for (const auto& [name, before] : expected) EXPECT_EQ(times(name), before) << name;
}

TEST_P(SemanticsTest, AListingWithAThousandRemovalsInItMissesNothing) {
  std::set<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    expected.insert("name" + std::to_string(i));
    Write("name" + std::to_string(i), "");
  }
  std::set<std::string> seen;
  int removed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(mount_point_)) {
    EXPECT_TRUE(seen.insert(entry.path().filename()).second) << "twice: " << entry.path();
    if (++removed <= 1000) {
      ASSERT_EQ(unlink(entry.path().c_str()), 0);
    }
  }
  EXPECT_EQ(seen, expected);
  Shell("rm -rf name*; test -z \"$(ls)\"");
}

TEST_P(SemanticsTest, DevicesFifosAndFreeSpace) {
  Script("special_files");
  struct statvfs space {};
  ASSERT_EQ(statvfs(mount_point_.c_str(), &space), 0);
  EXPECT_EQ(space.f_namemax, 255u);
  EXPECT_GT(space.f_bavail, 0u);
  EXPECT_GT(space.f_ffree, 0u);
}

TEST_P(SemanticsTest, ATemporaryFileCanBeGivenAName) {
  const Descriptor file(open(mount_point_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file && errno == EOPNOTSUPP) GTEST_SKIP() << "this libfuse has no tmpfile";
  ASSERT_TRUE(file) << strerror(errno);
  ASSERT_EQ(write(file.get(), "temporary", 9), 9);
  const std::string self = "/proc/self/fd/" + std::to_string(file.get());
  ASSERT_EQ(linkat(AT_FDCWD, self.c_str(), AT_FDCWD, In("named").c_str(), AT_SYMLINK_FOLLOW), 0);
  EXPECT_EQ(Read("named"), "temporary");
}

CHAINFS_ON_BOTH_TRANSPORTS(SemanticsTest);

}  // namespace
}  // namespace chainfs::mount_test

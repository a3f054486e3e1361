// SPDX-License-Identifier: GPL-3.0-or-later
// Three kinds of locks: of an open file (flock), of a process (POSIX), and of an open file's range
// (OFD). Other processes do what waits.
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

struct flock Range(short type, off_t from, off_t size) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = from;
  range.l_len = size;
  return range;
}

long Lock(int fd, int command, short type, off_t from = 0, off_t size = 0) {
  struct flock range = Range(type, from, size);
  return fcntl(fd, command, &range);
}

class LocksTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    one_ = Open("f");
    two_ = Open("f");
  }
  void TearDown() override {
    one_ = Descriptor();
    two_ = Descriptor();
    ConformanceTest::TearDown();
  }
  // What another process is told that tries, through a descriptor of its own.
  static std::string Elsewhere(short type, off_t from = 0, off_t size = 0) {
    return InChild([=] { return Lock(open("f", O_RDWR | O_CLOEXEC), F_SETLK, type, from, size); });
  }
  // A process that does `call` with a descriptor of its own, which has to wait for a lock.
  static pid_t StartWaiting(const std::function<long(int)>& call) {
    const pid_t child = fork();
    if (child == 0) _exit(call(open("f", O_RDWR | O_CLOEXEC)) < 0 ? errno : 0);
    while (!Waits(child)) {
      if (waitpid(child, nullptr, WNOHANG) != 0) {
        ADD_FAILURE() << "did not wait";
        break;
      }
    }
    return child;
  }
  static std::string End(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    errno = WEXITSTATUS(status);
    return Result(errno == 0 ? 0 : -1);
  }

  Descriptor one_, two_;

 private:
  // Whether it sleeps in fcntl or flock: /proc/locks does not show who waits for a FUSE daemon.
  static bool Waits(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/syscall");
    std::string number;
    file >> number;
    if (number != std::to_string(SYS_fcntl) && number != std::to_string(SYS_flock)) return false;
    std::string state, line;
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::getline(stat, line);
    return line.find(") S ") != line.npos || line.find(") D ") != line.npos;
  }
};

TEST_P(LocksTest, FlockExcludesOtherOpenFiles) {
  EXPECT_EQ(Result(flock(one_.get(), LOCK_EX)), "OK");
  EXPECT_EQ(Result(flock(two_.get(), LOCK_EX | LOCK_NB)), "EAGAIN");
  EXPECT_EQ(Result(flock(two_.get(), LOCK_SH | LOCK_NB)), "EAGAIN");
  EXPECT_EQ(Result(flock(one_.get(), LOCK_UN)), "OK");
  EXPECT_EQ(Result(flock(two_.get(), LOCK_EX | LOCK_NB)), "OK");
}

TEST_P(LocksTest, FlockIsSharedBySharers) {
  EXPECT_EQ(Result(flock(one_.get(), LOCK_SH)), "OK");
  EXPECT_EQ(Result(flock(two_.get(), LOCK_SH | LOCK_NB)), "OK");
  EXPECT_EQ(Result(flock(two_.get(), LOCK_EX | LOCK_NB)), "EAGAIN");
}

TEST_P(LocksTest, FlockGoesWithTheLastDescriptor) {
  EXPECT_EQ(flock(one_.get(), LOCK_EX), 0);
  Descriptor copy(dup(one_.get()));
  one_ = Descriptor();
  EXPECT_EQ(Result(flock(two_.get(), LOCK_EX | LOCK_NB)), "EAGAIN");
  copy = Descriptor();
  EXPECT_EQ(Result(flock(two_.get(), LOCK_EX | LOCK_NB)), "OK");
}

TEST_P(LocksTest, FlockIsInheritedByAChild) {
  EXPECT_EQ(flock(one_.get(), LOCK_EX), 0);
  EXPECT_EQ(InChild([&] { return flock(one_.get(), LOCK_EX | LOCK_NB); }), "OK");
  EXPECT_EQ(InChild([&] { return flock(one_.get(), LOCK_UN); }), "OK");
  EXPECT_EQ(Result(flock(two_.get(), LOCK_EX | LOCK_NB)), "OK");
}

TEST_P(LocksTest, FlockWaitsUntilItsTurn) {
  EXPECT_EQ(flock(one_.get(), LOCK_EX), 0);
  const pid_t child = StartWaiting([](int fd) { return flock(fd, LOCK_EX); });
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
  EXPECT_EQ(flock(one_.get(), LOCK_UN), 0);
  EXPECT_EQ(End(child), "OK");
}

TEST_P(LocksTest, FlockWorksOnAnUnwritableDescriptor) {
  const Descriptor reader = Open("f", O_RDONLY);
  EXPECT_EQ(Result(flock(reader.get(), LOCK_EX | LOCK_NB)), "OK");
}

TEST_P(LocksTest, FlockWorksOnADirectory) {
  const Descriptor here = Open(".", O_RDONLY), again = Open(".", O_RDONLY);
  EXPECT_EQ(Result(flock(here.get(), LOCK_EX | LOCK_NB)), "OK");
  EXPECT_EQ(Result(flock(again.get(), LOCK_EX | LOCK_NB)), "EAGAIN");
}

TEST_P(LocksTest, PosixLocksExcludeOtherProcesses) {
  EXPECT_EQ(Result(Lock(one_.get(), F_SETLK, F_WRLCK)), "OK");
  EXPECT_EQ(Elsewhere(F_RDLCK), "EAGAIN");
  EXPECT_EQ(Result(Lock(two_.get(), F_SETLK, F_WRLCK)), "OK") << "the same process";
}

TEST_P(LocksTest, PosixLocksAreOfRanges) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK, 100, 50), 0);
  EXPECT_EQ(Elsewhere(F_WRLCK, 0, 100), "OK");
  EXPECT_EQ(Elsewhere(F_WRLCK, 149, 1), "EAGAIN");
  EXPECT_EQ(Elsewhere(F_WRLCK, 150, 0), "OK");
}

TEST_P(LocksTest, PosixLocksAreSharedByReaders) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_RDLCK), 0);
  EXPECT_EQ(Elsewhere(F_RDLCK), "OK");
  EXPECT_EQ(Elsewhere(F_WRLCK), "EAGAIN");
}

TEST_P(LocksTest, APartOfAPosixLockIsGivenBack) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK, 0, 100), 0);
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_UNLCK, 40, 20), 0);
  EXPECT_EQ(Elsewhere(F_WRLCK, 40, 20), "OK");
  EXPECT_EQ(Elsewhere(F_WRLCK, 39, 1), "EAGAIN");
  EXPECT_EQ(Elsewhere(F_WRLCK, 60, 1), "EAGAIN");
}

TEST_P(LocksTest, APosixLockIsDowngraded) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK), 0);
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_RDLCK), 0);
  EXPECT_EQ(Elsewhere(F_RDLCK), "OK");
}

TEST_P(LocksTest, GetlkTellsWhoHasIt) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK, 10, 20), 0);
  const pid_t owner = getpid();
  EXPECT_EQ(InChild([=] {
              struct flock range = Range(F_RDLCK, 0, 0);
              if (fcntl(open("f", O_RDWR | O_CLOEXEC), F_GETLK, &range) != 0) return -1;
              errno = EPROTO;
              return range.l_type == F_WRLCK && range.l_pid == owner && range.l_start == 10 &&
                             range.l_len == 20
                         ? 0
                         : -1;
            }),
            "OK");
  struct flock range = Range(F_WRLCK, 0, 0);
  EXPECT_EQ(fcntl(two_.get(), F_GETLK, &range), 0);
  EXPECT_EQ(range.l_type, F_UNLCK) << "one's own are not in the way";
}

TEST_P(LocksTest, ClosingAnyDescriptorReleasesPosixLocks) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK), 0);
  two_ = Descriptor();
  EXPECT_EQ(Elsewhere(F_WRLCK), "OK");
}

TEST_P(LocksTest, AProcesssEndReleasesItsPosixLocks) {
  EXPECT_EQ(Elsewhere(F_WRLCK), "OK");
  EXPECT_EQ(Elsewhere(F_WRLCK), "OK");
}

TEST_P(LocksTest, PosixLocksAreNotInherited) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK), 0);
  EXPECT_EQ(InChild([&] { return Lock(one_.get(), F_SETLK, F_WRLCK); }), "EAGAIN");
}

TEST_P(LocksTest, PosixLocksNeedADescriptorOfTheirKind) {
  const Descriptor reader = Open("f", O_RDONLY), writer = Open("f", O_WRONLY);
  EXPECT_EQ(Result(Lock(reader.get(), F_SETLK, F_WRLCK)), "EBADF");
  EXPECT_EQ(Result(Lock(writer.get(), F_SETLK, F_RDLCK)), "EBADF");
}

TEST_P(LocksTest, APosixLockIsWaitedFor) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK), 0);
  const pid_t child = StartWaiting([](int fd) { return Lock(fd, F_SETLKW, F_WRLCK); });
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0);
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_UNLCK), 0);
  EXPECT_EQ(End(child), "OK");
}

TEST_P(LocksTest, ASignalEndsTheWaiting) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK), 0);
  const pid_t child = StartWaiting([](int fd) {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // and without SA_RESTART
    sigaction(SIGUSR1, &action, nullptr);
    return Lock(fd, F_SETLKW, F_WRLCK);
  });
  EXPECT_EQ(kill(child, SIGUSR1), 0);
  EXPECT_EQ(End(child), "EINTR");
}

TEST_P(LocksTest, ADeadlockIsRefused) {
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_WRLCK, 0, 1), 0);
  const pid_t child = StartWaiting([](int fd) {
    return Lock(fd, F_SETLK, F_WRLCK, 1, 1) < 0 ? -1 : Lock(fd, F_SETLKW, F_WRLCK, 0, 1);
  });
  EXPECT_EQ(Result(Lock(one_.get(), F_SETLKW, F_WRLCK, 1, 1)), "EDEADLK");
  EXPECT_EQ(Lock(one_.get(), F_SETLK, F_UNLCK, 0, 1), 0);
  EXPECT_EQ(End(child), "OK");
}

TEST_P(LocksTest, OfdLocksExcludeOtherOpenFilesOfTheSameProcess) {
  EXPECT_EQ(Result(Lock(one_.get(), F_OFD_SETLK, F_WRLCK, 0, 10)), "OK");
  EXPECT_EQ(Result(Lock(two_.get(), F_OFD_SETLK, F_WRLCK, 5, 1)), "EAGAIN");
  EXPECT_EQ(Result(Lock(two_.get(), F_OFD_SETLK, F_WRLCK, 10, 1)), "OK");
}

TEST_P(LocksTest, OfdLocksOutliveAnotherDescriptorsClose) {
  EXPECT_EQ(Lock(one_.get(), F_OFD_SETLK, F_WRLCK), 0);
  two_ = Descriptor();
  EXPECT_EQ(Elsewhere(F_WRLCK), "EAGAIN");
  one_ = Descriptor();
  EXPECT_EQ(Elsewhere(F_WRLCK), "OK");
}

TEST_P(LocksTest, OfdAndPosixLocksExcludeEachOther) {
  EXPECT_EQ(Lock(one_.get(), F_OFD_SETLK, F_WRLCK), 0);
  EXPECT_EQ(Result(Lock(two_.get(), F_SETLK, F_WRLCK)), "EAGAIN");
}

TEST_P(LocksTest, FlockAndPosixLocksKnowNothingOfEachOther) {
  EXPECT_EQ(flock(one_.get(), LOCK_EX), 0);
  EXPECT_EQ(Elsewhere(F_WRLCK), "OK");
}

TEST_P(LocksTest, RangesBelowZeroAreInvalid) {
  EXPECT_EQ(Result(Lock(one_.get(), F_SETLK, F_WRLCK, -1, 1)), "EINVAL");
  EXPECT_EQ(Result(Lock(one_.get(), F_SETLK, F_WRLCK, 100, -50)), "OK") << "the 50 before it";
  EXPECT_EQ(Elsewhere(F_WRLCK, 0, 50), "OK");
  EXPECT_EQ(Elsewhere(F_WRLCK, 99, 1), "EAGAIN");
}

TEST_P(LocksTest, ALeaseIsTakenOrRefusedButKeptToAnyway) {
  one_ = Descriptor();
  two_ = Descriptor();
  const Descriptor reader = Open("f", O_RDONLY);
  const std::string result = Result(fcntl(reader.get(), F_SETLEASE, F_RDLCK));
  EXPECT_TRUE(result == "OK" || result == "EINVAL") << result;
}

CHAINFS_CONFORMS(LocksTest);

}  // namespace
}  // namespace chainfs::conformance

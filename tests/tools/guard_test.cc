// SPDX-License-Identifier: GPL-3.0-or-later
// The guard beside a process that is no daemon: when it ends, and what is kept open for it. What it
// does about a mount is tested in tests/mount/daemon_crash_test.cc.
#include "tools/daemon/guard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;

constexpr unsigned kNoSuchDevice = 0xfffff;
constexpr int kPatienceMs = 10000;

class GuardTest : public testing::Test {
 protected:
  // The guards come to this process when what started them has ended.
  void SetUp() override { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  void TearDown() override { prctl(PR_SET_CHILD_SUBREAPER, 0); }

  // Runs `body` in a process of its own, as main does, and returns its wait status.
  static int Run(const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0) _exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
  static bool HasEnded(int process) {
    pollfd ended{process, POLLIN, 0};
    return poll(&ended, 1, 0) == 1;
  }
  // Fails by the test's time limit if it does not end.
  static void AwaitOrphan() { EXPECT_GT(wait(nullptr), 0); }
};

TEST_F(GuardTest, EndsWhenItIsDismissed) {
  for (const bool watching : {false, true}) {
    EXPECT_EQ(Run([=] {
                Guard guard("/");
                const Descriptor process(dup(guard.process()));
                if (HasEnded(process.get())) return 1;
                if (watching) guard.Watch(kNoSuchDevice);
                if (HasEnded(process.get())) return 2;
                guard.Dismiss();
                guard.Dismiss();
                return HasEnded(process.get()) && guard.process() < 0 ? 0 : 3;
              }),
              0);
    EXPECT_EQ(wait(nullptr), -1) << "it was reaped";
  }
}

TEST_F(GuardTest, EndsWithAProcessThatIsKilled) {
  for (const bool watching : {false, true}) {
    const int status = Run([=] {
      Guard guard("/");
      if (watching) guard.Watch(kNoSuchDevice);
      return raise(SIGKILL);
    });
    EXPECT_TRUE(WIFSIGNALED(status));
    AwaitOrphan();
  }
}

TEST_F(GuardTest, GuardsTheChildOnceTheParentHasLetGo) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(Run([&] {
              Guard guard("/");
              const pid_t child = fork();
              if (child == 0) {
                guard.Watch(kNoSuchDevice);
                (void)!write(ends[1], "w", 1);
                pause();
              }
              const Descriptor process(dup(guard.process()));
              guard.LetGo();
              char byte;
              (void)!read(ends[0], &byte, 1);
              if (HasEnded(process.get())) return 1;
              kill(child, SIGKILL);
              pollfd ended{process.get(), POLLIN, 0};
              return poll(&ended, 1, kPatienceMs) == 1 ? 0 : 2;
            }),
            0);
  close(ends[0]);
  close(ends[1]);
  while (wait(nullptr) > 0) {
  }
}

TEST_F(GuardTest, KeepsOpenNothingThatItsProcessCloses) {
  ScratchDirectory scratch;
  const std::string file = scratch.File("lock", "");
  EXPECT_EQ(Run([&] {
              Descriptor before(open(file.c_str(), O_RDWR | O_CLOEXEC));
              int ends[2];
              if (flock(before.get(), LOCK_EX) != 0 || pipe2(ends, O_CLOEXEC) != 0) return 1;
              Guard guard("/");
              guard.Watch(kNoSuchDevice);
              before = Descriptor();
              close(ends[1]);
              const Descriptor again(open(file.c_str(), O_RDWR | O_CLOEXEC));
              char byte;
              if (flock(again.get(), LOCK_EX | LOCK_NB) != 0) return 2;
              pollfd closed{ends[0], POLLIN, 0};
              if (poll(&closed, 1, kPatienceMs) != 1) return 3;
              return read(ends[0], &byte, 1) == 0 ? 0 : 4;
            }),
            0);
}

TEST_F(GuardTest, WorksWithoutStandardStreams) {
  EXPECT_EQ(Run([] {
              for (const int fd : {0, 1, 2}) close(fd);
              Guard guard("/");
              guard.Watch(kNoSuchDevice);
              const Descriptor process(dup(guard.process()));
              if (HasEnded(process.get())) return 1;
              guard.Dismiss();
              return HasEnded(process.get()) ? 0 : 2;
            }),
            0);
}

TEST_F(GuardTest, AGuardThatIsKilledIsNotWaitedFor) {
  EXPECT_EQ(Run([] {
              Guard guard("/");
              guard.Watch(kNoSuchDevice);
              if (syscall(SYS_pidfd_send_signal, guard.process(), SIGKILL, nullptr, 0) != 0)
                return 1;
              pollfd ended{guard.process(), POLLIN, 0};
              if (poll(&ended, 1, kPatienceMs) != 1) return 2;
              guard.Dismiss();
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace chainfs::tools

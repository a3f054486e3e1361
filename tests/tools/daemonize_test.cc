// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/daemon/daemonize.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

// Runs RunInBackground in a process of its own, as main does: in the grandchild `body` runs.
// Returns what the starting process printed and its exit code.
struct Started {
  int code;
  std::string text;
};
Started Start(const std::function<int(StartReport&)>& body) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  pid_t starter = fork();
  if (starter == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);  // nothing is executed that would: the daemon would keep it open
    _exit(RunInBackground("prog", body));
  }
  close(ends[1]);
  Started started{-1, {}};
  char buffer[512];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    started.text.append(buffer, size_t(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(starter, &status, 0);
  if (WIFEXITED(status)) started.code = WEXITSTATUS(status);
  return started;
}

TEST(RunInBackgroundTest, ReturnsOnceTheChildIsReadyThoughItLivesOn) {
  // The child is held until the parent's end has been seen here.
  int hold[2];
  ASSERT_EQ(pipe2(hold, O_CLOEXEC), 0);
  Started started = Start([&](StartReport& report) {
    close(hold[1]);
    report.Ready("up");
    char byte;
    (void)!read(hold[0], &byte, 1);
    return 0;
  });
  EXPECT_EQ(started.code, 0);
  EXPECT_EQ(started.text, "up\n");
  close(hold[0]);
  close(hold[1]);
}

TEST(RunInBackgroundTest, PassesOnTheChildsFailure) {
  Started started = Start([](StartReport& report) {
    return report.Failed({ExitCode::kDamagedVolume, "broken beyond repair"});
  });
  EXPECT_EQ(started.code, 46);
  EXPECT_EQ(started.text, "prog: broken beyond repair\n");
}

TEST(RunInBackgroundTest, PassesOnALongMessageWhole) {
  std::string message(10000, 'm');
  Started started = Start([&](StartReport& report) {
    return report.Failed({ExitCode::kSystem, message});
  });
  EXPECT_EQ(started.text, "prog: " + message + "\n");
}

TEST(RunInBackgroundTest, SaysHowAChildDiedThatSaidNothing) {
  Started killed = Start([](StartReport&) {
    raise(SIGKILL);
    return 0;
  });
  EXPECT_EQ(killed.code, 4);
  EXPECT_NE(killed.text.find("signal 9"), std::string::npos) << killed.text;
  Started ended = Start([](StartReport&) -> int { _exit(3); });
  EXPECT_EQ(ended.code, 4);
  EXPECT_NE(ended.text.find("exit code 3"), std::string::npos) << ended.text;
}

TEST(RunInBackgroundTest, ChildIsDetachedFromTerminalDirectoryAndStreams) {
  ScratchDirectory scratch;
  std::string file = scratch / "facts";
  int done[2];
  ASSERT_EQ(pipe2(done, O_CLOEXEC), 0);
  Started started = Start([&](StartReport& report) {
    report.Ready("");
    struct stat output {
    }, null{};
    fstat(STDOUT_FILENO, &output);
    stat("/dev/null", &null);
    std::ofstream(file) << (getsid(0) == getpid()) << (std::filesystem::current_path() == "/")
                        << (output.st_rdev == null.st_rdev);
    (void)!write(done[1], "x", 1);
    return 0;
  });
  EXPECT_EQ(started.code, 0);
  char byte;
  ASSERT_EQ(read(done[0], &byte, 1), 1);
  std::string facts;
  std::ifstream(file) >> facts;
  EXPECT_EQ(facts, "111");
  close(done[0]);
  close(done[1]);
}

TEST(RunInBackgroundTest, ASignalToTheParentEndsTheChildToo) {
  int alive[2];  // its write end is the grandchild's alone: the end of file is its end
  ASSERT_EQ(pipe2(alive, O_CLOEXEC), 0);
  Started started = Start([&](StartReport&) {
    close(alive[0]);
    kill(getppid(), SIGINT);
    while (true) pause();
    return 0;
  });
  close(alive[1]);
  EXPECT_EQ(started.code, 8);
  char byte;
  EXPECT_EQ(read(alive[0], &byte, 1), 0);
  close(alive[0]);
}

TEST(StartReportTest, InTheForegroundFailedPrintsAndReturnsTheCode) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(StartReport("prog").Failed({ExitCode::kNoSpace, "full"}), 55);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "prog: full\n");
}

}  // namespace
}  // namespace chainfs::tools

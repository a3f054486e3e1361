// SPDX-License-Identifier: GPL-3.0-or-later
// chainfs-fsck that does not come to its end undisturbed. What it finds is more than the pipe holds
// that it writes to, so whoever has read the first finding knows it to be in the middle.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "fs/store/descriptor.h"
#include "tests/tools/anchored_vault.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;
using nlohmann::json;

constexpr size_t kFiles = 200;

// A program in a process group of its own, whose stdout is a pipe of one page.
class RunningFsck {
 public:
  explicit RunningFsck(std::vector<std::string> arguments, const std::string& anchors) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    EXPECT_GE(fcntl(ends[0], F_SETPIPE_SZ, 4096), 4096);
    out_ = Descriptor(ends[0]);
    const Descriptor write_end(ends[1]);
    pid_ = fork();
    if (pid_ == 0) {
      setpgid(0, 0);
      setenv("CHAINFS_ANCHORS", anchors.c_str(), 1);
      dup2(write_end.get(), STDOUT_FILENO);
      std::vector<char*> argv;
      for (std::string& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(127);
    }
    setpgid(pid_, pid_);
  }
  ~RunningFsck() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  RunningFsck(const RunningFsck&) = delete;
  RunningFsck& operator=(const RunningFsck&) = delete;

  pid_t pid() const { return pid_; }
  bool AwaitFinding() {
    while (text_.find("{\"finding\"") == text_.npos) {
      if (!ReadMore()) return false;
    }
    return true;
  }
  // Until it sleeps in a write: the pipe is full.
  void AwaitFullPipe() const {
    const std::string writing = std::to_string(SYS_write) + " 0x1 ";
    std::string at;
    while (!at.starts_with(writing)) {
      std::ifstream call("/proc/" + std::to_string(pid_) + "/syscall");
      if (!std::getline(call, at)) return;
      sched_yield();
    }
  }
  // Its exit code; 128 and more: the signal that ended it.
  int Finish() {
    while (ReadMore()) {
    }
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    const pid_t group = pid_;
    pid_ = -1;
    EXPECT_EQ(kill(-group, 0), -1) << "it has left a child behind";
    std::istringstream lines(text_);
    for (std::string line; std::getline(lines, line);) {
      const json object = json::parse(line, nullptr, false);
      EXPECT_TRUE(object.is_object()) << line;
      if (object.contains("finding")) ++findings;
      if (object.contains("pass")) {
        verdicts[object["pass"]] = object["verdict"];
        reasons[object["pass"]] = object["reason"];
      }
      if (object.contains("exit")) said = object["exit"];
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  size_t findings = 0;
  int said = -1;  // by its last line
  std::map<std::string, std::string> verdicts, reasons;

 private:
  bool ReadMore() {
    char buffer[4096];
    const ssize_t n = read(out_.get(), buffer, sizeof buffer);
    if (n > 0) text_.append(buffer, static_cast<size_t>(n));
    return n > 0;
  }

  pid_t pid_ = -1;
  Descriptor out_;
  std::string text_;
};

class FsckInterruptedTest : public AnchoredVault {
 protected:
  void SetUp() override {
    AnchoredVault::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(MountWith({}).code, 0);
    for (size_t i = 0; i < kFiles; ++i) {
      Write("file" + std::to_string(i), std::string(20'000, 'f'));
      // So that no list of births is as long as a piece.
      if (i % 40 != 39) continue;
      ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
    }
    ASSERT_EQ(Unmount().code, 0);
    ASSERT_GE(DamagePieces(), kFiles);
  }

  // Flips a bit in each value that is as long as a file's piece: in each run of five pages.
  size_t DamagePieces() {
    constexpr size_t kPageBytes = 4096, kFlags = 10, kRun = 12;
    std::string data = TextOf(vault_ + "/data.mdb");
    size_t damaged = 0;
    for (uint64_t page = 2; (page + 5) * kPageBytes <= data.size(); ++page) {
      const size_t at = page * kPageBytes;
      if (std::memcmp(&data[at], &page, 8) != 0 || data.compare(at + kFlags, 2, "\4\0", 2) != 0 ||
          data.compare(at + kRun, 4, "\5\0\0\0", 4) != 0) {
        continue;
      }
      data[at + kPageBytes + 100] ^= 1;
      ++damaged;
    }
    std::ofstream(vault_ + "/data.mdb", std::ios::binary) << data;
    return damaged;
  }
  std::vector<std::string> Arguments() const {
    return {kFsckProgram, "--json", vault_, "--passfile", passfile_};
  }
};

Descriptor ProcessOf(pid_t pid) {
  return Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void AwaitEnd(const Descriptor& process) {
  pollfd ended{process.get(), POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, 60'000), 1);
}

TEST_F(FsckInterruptedTest, TellsThatItWasBrokenOffAndLeavesNothing) {
  RunningFsck whole(Arguments(), anchors_);
  EXPECT_EQ(whole.Finish(), 4);
  EXPECT_EQ(whole.findings, 2 * kFiles);  // each object for its digest, each file for its bytes

  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    RunningFsck fsck(Arguments(), anchors_);
    ASSERT_TRUE(fsck.AwaitFinding());
    fsck.AwaitFullPipe();
    kill(fsck.pid(), signal);
    const int code = fsck.Finish();
    EXPECT_EQ(code, 4 + 32) << signal;
    EXPECT_EQ(fsck.said, code);
    // What it had found is told to the last line, though the signal met it writing; and no more.
    EXPECT_EQ(fsck.findings, kFiles);
    EXPECT_EQ(fsck.verdicts["INTEGRITY"], "FAILED");
    EXPECT_EQ(fsck.verdicts["STRUCTURE"], "NOT CHECKED");
    EXPECT_EQ(fsck.reasons["STRUCTURE"], "cancelled");
  }

  // The vault is as it was, and nobody holds it.
  RunningFsck again(Arguments(), anchors_);
  EXPECT_EQ(again.Finish(), 4);
  EXPECT_EQ(again.findings, whole.findings);
  ASSERT_EQ(MountWith({}).code, 0);
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(FsckInterruptedTest, ADaemonThatDiesUnderItTakesTheStructuresVerdictAway) {
  ASSERT_EQ(MountWith({}).code, 0);
  const pid_t daemon = Status()["pid"];
  const Descriptor guard = ProcessOf(FindGuard());
  RunningFsck fsck(Arguments(), anchors_);
  ASSERT_TRUE(fsck.AwaitFinding());
  const Descriptor process = ProcessOf(daemon);
  kill(daemon, SIGKILL);
  AwaitEnd(process);
  const int code = fsck.Finish();
  EXPECT_EQ(code, 4);
  EXPECT_EQ(fsck.said, code);
  // What its read transaction shows is not reaped under it, whoever dies.
  EXPECT_EQ(fsck.verdicts["HISTORY"], "OK");
  EXPECT_EQ(fsck.verdicts["INTEGRITY"], "FAILED");
  EXPECT_EQ(fsck.findings, kFiles);
  EXPECT_EQ(fsck.verdicts["STRUCTURE"], "NOT CHECKED");
  EXPECT_NE(fsck.reasons["STRUCTURE"].find("no longer kept"), std::string::npos)
      << fsck.reasons["STRUCTURE"];
  AwaitEnd(guard);
  EXPECT_FALSE(IsMounted());
}

}  // namespace
}  // namespace chainfs::tools

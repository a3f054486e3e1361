// SPDX-License-Identifier: GPL-3.0-or-later
// Real faults in real processes: what they leave behind, and how they end.
#include "tools/daemon/crash_report.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iterator>
#include <thread>

#include "fs/store/descriptor.h"
#include "tests/tools/scratch_directory.h"

namespace chainfs::tools {
namespace {

using fs::store::Descriptor;

class CrashReportTest : public testing::Test {
 protected:
  // Runs `body` with the report installed in a process of its own. Returns the signal that ended
  // it; 0: none.
  int Crash(const std::function<void()>& body, const std::string& log = "") {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    Descriptor reader(ends[0]), writer(ends[1]);
    const pid_t child = fork();
    if (child == 0) {
      const rlimit none{0, 0};
      setrlimit(RLIMIT_CORE, &none);
      InstallCrashReport({.vault = "/a/vault",
                          .log = log.empty() ? log_ : log,
                          .starter = writer.get(),
                          .log_socket = socket_});
      body();
      _exit(0);
    }
    writer = Descriptor();
    told_.clear();
    char buffer[512];
    for (ssize_t n; (n = read(reader.get(), buffer, sizeof buffer)) > 0;) {
      told_.append(buffer, static_cast<size_t>(n));
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  std::string Log() const {
    std::ifstream file(log_);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }

  ScratchDirectory scratch_;
  std::string log_ = scratch_.File("log", "");
  std::string socket_ = scratch_ / "socket";
  std::string told_;  // to whoever waits for the start
};

void ReadNowhere() {
  void* const nowhere = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  (void)*static_cast<volatile char*>(nowhere);
}

TEST_F(CrashReportTest, EachSignalIsToldAndTakesItsCourse) {
  for (const auto& [signal, name] : {std::pair(SIGSEGV, "SIGSEGV"),
                                     {SIGBUS, "SIGBUS"},
                                     {SIGFPE, "SIGFPE"},
                                     {SIGILL, "SIGILL"},
                                     {SIGABRT, "SIGABRT"}}) {
    EXPECT_EQ(Crash([n = signal] { raise(n); }), signal);
    const std::string message =
        std::string("the daemon was brought down: signal=") + name + " vault=/a/vault ";
    ASSERT_FALSE(told_.empty());
    EXPECT_EQ(told_[0], 4);
    EXPECT_TRUE(told_.substr(1).starts_with(message)) << told_;
    EXPECT_NE(told_.find("run chainfs-fsck"), std::string::npos) << told_;
    EXPECT_NE(Log().find(" critical " + message), std::string::npos) << Log();
  }
}

TEST_F(CrashReportTest, ALogLineHasTheTime) {
  setenv("TZ", "<+0530>-5:30", 1);
  tzset();
  const time_t before = time(nullptr);
  Crash([] { raise(SIGSEGV); });
  const time_t after = time(nullptr);
  tm parsed{};
  ASSERT_NE(strptime(Log().c_str(), "%Y-%m-%d %H:%M:%S", &parsed), nullptr) << Log();
  parsed.tm_isdst = -1;
  const time_t logged = mktime(&parsed);
  unsetenv("TZ");
  tzset();
  EXPECT_GE(logged, before);
  EXPECT_LE(logged, after);
}

TEST_F(CrashReportTest, AFaultInAnyThreadIsTold) {
  EXPECT_EQ(Crash([] { std::thread(ReadNowhere).join(); }), SIGSEGV);
  EXPECT_NE(Log().find("SIGSEGV"), std::string::npos);
}

TEST_F(CrashReportTest, AFileThatIsCutOffUnderItsMappingIsTold) {
  const std::string file = scratch_.File("mapped", std::string(8192, 'x'));
  EXPECT_EQ(Crash([&] {
              const int fd = open(file.c_str(), O_RDWR);
              auto* map =
                  static_cast<volatile char*>(mmap(nullptr, 8192, PROT_READ, MAP_SHARED, fd, 0));
              (void)!ftruncate(fd, 0);
              (void)map[5000];
            }),
            SIGBUS);
  EXPECT_NE(Log().find("SIGBUS"), std::string::npos);
}

TEST_F(CrashReportTest, ThreadsThatFaultTogetherAreToldOnce) {
  for (int round = 0; round < 20; ++round) {
    log_ = scratch_.File("log", "");
    const int signal = Crash([] {
      std::atomic<int> waiting = 8;
      std::vector<std::thread> threads;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
          --waiting;
          while (waiting > 0) std::this_thread::yield();
          ReadNowhere();
        });
      }
      for (std::thread& thread : threads) thread.join();
    });
    EXPECT_EQ(signal, SIGSEGV);
    const std::string log = Log();
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  }
}

int Descend(volatile char* above, int levels) {
  volatile char here[4096];
  here[0] = *above;
  return levels == 0 ? 0 : Descend(here, levels - 1) + here[0];
}

TEST_F(CrashReportTest, AStackThatOverflowsInTheMainThreadIsTold) {
  char top = 0;
  EXPECT_EQ(Crash([&] { Descend(&top, 1 << 20); }), SIGSEGV);
  EXPECT_NE(Log().find("SIGSEGV"), std::string::npos);
}

TEST_F(CrashReportTest, SyslogGetsADatagram) {
  Descriptor listener(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, socket_.c_str());
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(Crash([] { raise(SIGBUS); }, "syslog"), SIGBUS);
  char buffer[4096];
  const ssize_t size = recv(listener.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  ASSERT_GT(size, 0);
  const std::string line(buffer, static_cast<size_t>(size));
  EXPECT_TRUE(line.starts_with("<26>chainfs[")) << line;
  EXPECT_NE(line.find("signal=SIGBUS"), std::string::npos) << line;
}

TEST_F(CrashReportTest, WithoutALogOrSyslogItEndsAllTheSame) {
  EXPECT_EQ(Crash([] { raise(SIGSEGV); }, "syslog"), SIGSEGV);
  EXPECT_EQ(Crash([] { raise(SIGSEGV); }, scratch_ / "no/such/log"), SIGSEGV);
  EXPECT_NE(told_.find("SIGSEGV"), std::string::npos);
}

TEST_F(CrashReportTest, WhoDoesNotWaitAnyMoreIsNotTold) {
  EXPECT_EQ(Crash([] {
              ForgetStarter();
              raise(SIGSEGV);
            }),
            SIGSEGV);
  EXPECT_EQ(told_, "");
  EXPECT_NE(Log().find("SIGSEGV"), std::string::npos);
}

TEST_F(CrashReportTest, AMountThatIsNotOursStays) {
  // The root has a device number, and it is not this one.
  EXPECT_EQ(Crash([] {
              ClearMountOnCrash("/", 0xfffff);
              raise(SIGSEGV);
            }),
            SIGSEGV);
  EXPECT_EQ(access("/proc/self", F_OK), 0);
}

}  // namespace
}  // namespace chainfs::tools

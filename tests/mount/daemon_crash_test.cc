// SPDX-License-Identifier: GPL-3.0-or-later
// A daemon that is brought down, by a signal or by its own database: what it says, and that nothing
// hangs afterwards.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "tests/mount/mounted_vault.h"
#include "tools/common/mount_table.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

class DaemonCrashTest : public MountedVault {
 protected:
  void SetUp() override {
    MountedVault::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    UnmountVault();
    MountVault("log=" + log_);
  }
  std::string Log() const {
    std::ifstream file(log_);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }
  // Brings the daemon down while programs look for holes in what they write. To find them the
  // daemon has the kernel write back first, and waits through its own mount.
  void CrashWhileHolesAreLookedFor(int signal, std::chrono::milliseconds after) {
    std::vector<std::thread> load;
    for (int i = 0; i < 3; ++i) {
      const std::string path = In("holes" + std::to_string(i));
      load.emplace_back([path] {
        const Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
        const std::string data(8 << 20, 'h');
        while (file && pwrite(file.get(), data.data(), data.size(), 0) > 0 &&
               lseek(file.get(), 0, SEEK_DATA) >= 0) {
        }
      });
    }
    std::this_thread::sleep_for(after);
    CrashDaemon(signal);
    for (std::thread& thread : load) thread.join();
  }

  static bool EndsSoon(pid_t pid) {
    const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    pollfd ended{process.get(), POLLIN, 0};
    return !process || poll(&ended, 1, 10000) == 1;
  }

  std::string log_ = scratch_ / "log";
};

TEST_P(DaemonCrashTest, LeavesNoMountAndTheNextOneWorks) {
  for (const int signal : {SIGSEGV, SIGABRT}) {
    const std::string name = std::to_string(signal);
    Write(name, "durable");
    ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
    Write(name + "-lost", "perhaps");
    CrashDaemon(signal);
    if (HasFatalFailure()) return;
    MountVault("log=" + log_);
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_EQ(Read(name), "durable");
  }
  EXPECT_NE(Log().find("signal=SIGSEGV vault=" + vault_), std::string::npos) << Log();
  EXPECT_NE(Log().find("signal=SIGABRT vault=" + vault_), std::string::npos) << Log();
}

TEST_P(DaemonCrashTest, HangsNobodyWhoIsUsingTheMount) {
  const Descriptor root(open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::vector<std::thread> load;
  for (int i = 0; i < 4; ++i) {
    load.emplace_back([&root, i] {
      const std::string name = "load" + std::to_string(i), data(200000, 'y');
      for (;;) {
        const Descriptor file(openat(root.get(), name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
        if (!file || pwrite(file.get(), data.data(), data.size(), 0) < 0) return;
        if (fsync(file.get()) != 0) return;
      }
    });
  }
  for (int i = 0; i < 20; ++i) Write("some" + std::to_string(i), std::string(100000, 'z'));
  CrashDaemon(SIGSEGV);
  for (std::thread& thread : load) thread.join();
  if (HasFatalFailure()) return;
  MountVault("log=" + log_);
}

TEST_P(DaemonCrashTest, HangsNotInItsOwnMount) {
  for (int round = 0; round < 6; ++round) {
    CrashWhileHolesAreLookedFor(round % 2 == 0 ? SIGKILL : SIGSEGV,
                                std::chrono::milliseconds(300 + 37 * round));
    if (HasFatalFailure()) return;
    MountVault("log=" + log_);
    if (IsSkipped() || HasFatalFailure()) return;
  }
}

TEST_P(DaemonCrashTest, HangsNotInItsOwnMountAlsoWithoutItsGuard) {
  const pid_t guard = FindGuard();
  ASSERT_GT(guard, 0);
  ASSERT_EQ(kill(guard, SIGKILL), 0);
  ASSERT_TRUE(EndsSoon(guard));
  CrashWhileHolesAreLookedFor(SIGSEGV, std::chrono::milliseconds(400));
}

TEST_P(DaemonCrashTest, AKilledOneLeavesNoMount) {
  Write("durable", "durable");
  ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  const pid_t guard = FindGuard();
  KillDaemon();
  if (HasFatalFailure()) return;
  EXPECT_TRUE(EndsSoon(guard));
  MountVault("log=" + log_);
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Read("durable"), "durable");
}

TEST_P(DaemonCrashTest, AMountThatCoversTheDeadOneStays) {
  ASSERT_EQ(mount("none", mount_point_.c_str(), "tmpfs", 0, nullptr), 0);
  const pid_t guard = FindGuard();
  ASSERT_EQ(kill(daemon(), SIGKILL), 0);
  EXPECT_TRUE(EndsSoon(guard));
  EXPECT_EQ(umount2(mount_point_.c_str(), 0), 0);
  EXPECT_EQ(umount2(mount_point_.c_str(), MNT_DETACH), 0);
  AwaitCrash();
}

TEST_P(DaemonCrashTest, NoGuardOutlivesANormalEnd) {
  const pid_t guard = FindGuard();
  ASSERT_GT(guard, 0);
  UnmountVault();
  EXPECT_EQ(FindGuard(), 0);
}

TEST_P(DaemonCrashTest, AGuardThatIsKilledIsNotMissed) {
  const pid_t guard = FindGuard();
  ASSERT_GT(guard, 0);
  ASSERT_EQ(kill(guard, SIGTERM), 0);
  EXPECT_EQ(FindGuard(), guard) << "it ends with the daemon";
  ASSERT_EQ(kill(guard, SIGKILL), 0);
  ASSERT_TRUE(EndsSoon(guard));
  Write("file", "kept");
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Read("file"), "kept");
}

TEST_P(DaemonCrashTest, TheGuardHoldsNothingOfAnybodys) {
  const pid_t guard = FindGuard();
  ASSERT_GT(guard, 0);
  EXPECT_EQ(getsid(guard), guard);
  const std::filesystem::path process = "/proc/" + std::to_string(guard);
  EXPECT_EQ(std::filesystem::read_symlink(process / "cwd"), "/");
  const auto table = tools::ReadMountTable();
  const std::string minor =
      "/" + std::to_string(tools::FindMount(table, mount_point_)->device_minor);
  for (const auto& open : std::filesystem::directory_iterator(process / "fd")) {
    const std::string what = std::filesystem::read_symlink(open.path());
    // The last is where it can break the connection.
    EXPECT_TRUE(what == "/dev/null" || what.find("pidfd") != what.npos ||
                what.starts_with("socket:") || what.ends_with(minor))
        << what;
  }
}

TEST_P(DaemonCrashTest, ADatabaseThatIsCutOffBringsItDownWithAWord) {
  Write("big", std::string(4 << 20, 'b'));
  UnmountVault();
  MountVault("log=" + log_);
  if (IsSkipped() || HasFatalFailure()) return;
  std::filesystem::resize_file(vault_ + "/data.mdb", 40960);
  const Descriptor file(open(In("big").c_str(), O_RDONLY | O_CLOEXEC));
  std::string content(4 << 20, '\0');
  EXPECT_EQ(read(file.get(), content.data(), content.size()), -1);
  AwaitCrash();
  if (HasFatalFailure()) return;
  EXPECT_NE(Log().find("signal=SIGBUS"), std::string::npos) << Log();
  EXPECT_NE(Log().find("run chainfs-fsck"), std::string::npos) << Log();
}

TEST_P(DaemonCrashTest, ANormalEndSaysNothingOfTheKind) {
  UnmountVault();
  EXPECT_EQ(Log().find("brought down"), std::string::npos) << Log();
}

CHAINFS_ON_BOTH_TRANSPORTS(DaemonCrashTest);

}  // namespace
}  // namespace chainfs::mount_test

// SPDX-License-Identifier: GPL-3.0-or-later
// A daemon that is brought down, by a signal or by its own database: what it says, and that nothing
// hangs afterwards.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "tests/mount/mounted_vault.h"

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

// To find holes the daemon has the kernel write back first, and waits through its own mount: a
// crash meanwhile must not leave it waiting for itself.
TEST_P(DaemonCrashTest, HangsNotInItsOwnMount) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::thread> load;
    for (int i = 0; i < 3; ++i) {
      const std::string path = In("holes" + std::to_string(i));
      load.emplace_back([path] {
        const Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
        const std::string data(4 << 20, 'h');
        while (file && pwrite(file.get(), data.data(), data.size(), 0) > 0 &&
               lseek(file.get(), 0, SEEK_DATA) >= 0) {
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300 + 37 * round));
    CrashDaemon(SIGSEGV);
    for (std::thread& thread : load) thread.join();
    if (HasFatalFailure()) return;
    MountVault("log=" + log_);
    if (IsSkipped() || HasFatalFailure()) return;
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

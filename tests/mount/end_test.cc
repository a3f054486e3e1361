// SPDX-License-Identifier: GPL-3.0-or-later
// Every way in which a mount can end, and what is on disk then.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

class EndTest : public MountedVault {
 protected:
  // Waits for the daemon's end, and mounts again.
  void ComeBack() {
    const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, daemon(), 0)));
    if (process) {
      pollfd fd{process.get(), POLLIN, 0};
      ASSERT_EQ(poll(&fd, 1, 60000), 1) << "the daemon did not end";
    }
    ASSERT_FALSE(IsMounted());
    MountVault();
  }
};

TEST_P(EndTest, EachSignalUnmountsAndKeepsEverything) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const std::string name = "f" + std::to_string(signal);
    Write(name, std::string(300000, 'x'));
    ASSERT_EQ(kill(daemon(), signal), 0);
    ComeBack();
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_EQ(Read(name), std::string(300000, 'x'));
  }
}

TEST_P(EndTest, UmountByAnybodyKeepsEverything) {
  if (!Have({"fusermount3"})) return;
  for (const std::string command : {"umount", "umount -l", "fusermount3 -u"}) {
    Write(command, "kept");
    ASSERT_EQ(tools::RunProgram({"sh", "-c", command + " " + mount_point_}).code, 0);
    ComeBack();
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_EQ(Read(command), "kept");
  }
}

TEST_P(EndTest, ASignalWhileAFileIsOpenKeepsWhatWasWritten) {
  const Descriptor held(open(In("held").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  ASSERT_EQ(write(held.get(), "written", 7), 7);
  ASSERT_EQ(kill(daemon(), SIGTERM), 0);
  ComeBack();
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Read("held"), "written");
}

TEST_P(EndTest, AForcedUnmountUnderLoadEndsTheDaemon) {
  Descriptor root(open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::vector<std::thread> load;
  for (int i = 0; i < 4; ++i) {
    load.emplace_back([&root, i] {
      const std::string name = "load" + std::to_string(i), data(200000, 'y');
      for (;;) {
        const Descriptor file(openat(root.get(), name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
        if (pwrite(file.get(), data.data(), data.size(), 0) < 0) return;
        lseek(file.get(), 0, SEEK_DATA);
        if (fsync(file.get()) != 0) return;
      }
    });
  }
  for (int i = 0; i < 20; ++i) Write("some" + std::to_string(i), std::string(100000, 'z'));
  umount2(mount_point_.c_str(), MNT_FORCE | MNT_DETACH);
  for (std::thread& thread : load) thread.join();
  root = Descriptor();
  ComeBack();
}

TEST_P(EndTest, SyncMakesWhatTheKernelStillHeldDurable) {
  for (int round = 0; round < 3; ++round) {
    const std::string name = "f" + std::to_string(round);
    const std::string content(30000000, static_cast<char>('a' + round));
    Descriptor held(open(In(name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    ASSERT_EQ(write(held.get(), content.data(), content.size()),
              static_cast<ssize_t>(content.size()));
    const tools::ProgramResult synced = Chainfs({"sync", mount_point_});
    ASSERT_EQ(synced.code, 0) << synced.err;
    KillDaemon();
    held = Descriptor();
    MountVault();
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_TRUE(Read(name) == content);
  }
}

TEST_P(EndTest, AReadOnlyMountRefusesToWrite) {
  Write("f", "content");
  UnmountVault();
  MountVault("ro");
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Read("f"), "content");
  EXPECT_EQ(open(In("f").c_str(), O_WRONLY | O_CLOEXEC), -1);
  EXPECT_EQ(errno, EROFS);
}

CHAINFS_ON_BOTH_TRANSPORTS(EndTest);

}  // namespace
}  // namespace chainfs::mount_test

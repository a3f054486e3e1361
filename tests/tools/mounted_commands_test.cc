// SPDX-License-Identifier: GPL-3.0-or-later
// What the programs do with a mounted vault.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "fs/store/descriptor.h"
#include "tests/tools/vault_fixture.h"
#include "tools/common/control_client.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

class MountedCommandsTest : public VaultFixture {
 protected:
  json Status() {
    ProgramResult result = Chainfs({"status", mount_point_, "--json"});
    EXPECT_EQ(result.code, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  // Returns once the process has ended.
  static void AwaitEnd(const fs::store::Descriptor& process) {
    pollfd fd{process.get(), POLLIN, 0};
    poll(&fd, 1, -1);
  }
  static fs::store::Descriptor ProcessOf(pid_t pid) {
    return fs::store::Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  }
};

TEST_F(MountedCommandsTest, AHoldOnRetentionLastsAsLongAsItsConnection) {
  MountOrFail();
  Write("file", "content");
  ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  auto mount = FindChainfsMount(mount_point_);
  ASSERT_TRUE(mount);
  auto client = ControlClient::Connect(*mount);
  ASSERT_TRUE(client);
  const auto held = client->Ask("hold-retention", ControlClient::Patience::kSeconds);
  ASSERT_TRUE(held) << held.error().message;
  EXPECT_EQ((*held)["holding"], Status()["head"]);
  for (int i = 0; i < 70; ++i) {
    Write("file", std::to_string(i));
    ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  }
  EXPECT_EQ((*client->Ask("still-held", ControlClient::Patience::kSeconds))["held"], true);
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, AReadOnlyMountReapsNothingToHoldBack) {
  MountOrFail("ro");
  {
    auto client = ControlClient::Connect(*FindChainfsMount(mount_point_));
    ASSERT_TRUE(client);
    EXPECT_FALSE(client->Ask("hold-retention", ControlClient::Patience::kSeconds));
  }
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, WhatWasWrittenIsThereAfterUmountAndMount) {
  MountOrFail();
  Write("file", "content");
  ProgramResult unmounted = Unmount();
  EXPECT_EQ(unmounted.code, 0) << unmounted.err;
  EXPECT_FALSE(IsMounted());
  MountOrFail();
  EXPECT_EQ(Read("file"), "content");
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, UmountReturnsAfterTheDaemonHasEnded) {
  MountOrFail();
  pid_t pid = Status()["pid"];
  auto process = ProcessOf(pid);
  ASSERT_TRUE(process);
  EXPECT_EQ(Unmount().code, 0);
  pollfd fd{process.get(), POLLIN, 0};
  EXPECT_EQ(poll(&fd, 1, 0), 1) << "the daemon still runs";
}

TEST_F(MountedCommandsTest, MountRightAfterAPlainUmountWaitsForTheOldDaemon) {
  for (int i = 0; i < 5; ++i) {
    MountOrFail();
    Write("file" + std::to_string(i), std::string(1 << 20, 'w'));
    ASSERT_EQ(umount2(mount_point_.c_str(), 0), 0);
  }
  MountOrFail();
  EXPECT_EQ(Read("file4"), std::string(1 << 20, 'w'));
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, UmountOfABusyMountSaysSoAndLeavesIt) {
  MountOrFail();
  {
    fs::store::Descriptor in_use(open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ProgramResult result = Unmount();
    EXPECT_EQ(result.code, 51);
    EXPECT_NE(result.err.find("still uses it"), std::string::npos) << result.err;
    EXPECT_TRUE(IsMounted());
  }
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, UmountOfNothingSaysSo) {
  ProgramResult result = Unmount();
  EXPECT_EQ(result.code, 56);
  EXPECT_NE(result.err.find("no chainfs is mounted here"), std::string::npos) << result.err;
  EXPECT_EQ(Chainfs({"status", mount_point_}).code, 56);
  EXPECT_EQ(Chainfs({"sync", mount_point_}).code, 56);
}

TEST_F(MountedCommandsTest, StatusTellsWhatIsMountedHow) {
  MountOrFail("transport=classic,cache=64M,ro");
  json status = Status();
  EXPECT_EQ(status["vault"], vault_);
  EXPECT_EQ(status["mount_point"], mount_point_);
  EXPECT_EQ(status["transport"], "classic");
  EXPECT_EQ(status["transport_hint"], "as asked for");
  EXPECT_EQ(status["cache_limit_bytes"], 64 << 20);
  EXPECT_EQ(status["read_only"], true);
  EXPECT_EQ(status["failure"], "");
  EXPECT_EQ(kill(status["pid"].get<pid_t>(), 0), 0);
  ProgramResult text = Chainfs({"status"});
  EXPECT_NE(text.out.find(mount_point_ + "\n"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("classic"), std::string::npos) << text.out;
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, StatusWithJsonOfAllIsAList) {
  MountOrFail();
  json all = json::parse(Chainfs({"status", "--json"}).out, nullptr, false);
  ASSERT_TRUE(all.is_array());
  bool found = false;
  for (const json& one : all) found |= one["mount_point"] == mount_point_;
  EXPECT_TRUE(found);
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, SyncCommitsWhatWasWritten) {
  MountOrFail("commit=3600");
  uint64_t before = Status()["head"];
  Write("file", std::string(100000, 's'));
  ProgramResult synced = Chainfs({"sync", mount_point_});
  EXPECT_EQ(synced.code, 0) << synced.err;
  json status = Status();
  EXPECT_GT(status["head"].get<uint64_t>(), before);
  EXPECT_EQ(status["dirty_bytes"], 0);

  // Durable is what survives the daemon's death. Nobody clears up after it.
  for (const pid_t pid : {FindGuard(), status["pid"].get<pid_t>()}) {
    ASSERT_GT(pid, 0);
    auto process = ProcessOf(pid);
    kill(pid, SIGKILL);
    AwaitEnd(process);
  }
  EXPECT_EQ(Chainfs({"status", mount_point_}).code, 57);
  ProgramResult unmounted = Unmount();
  EXPECT_EQ(unmounted.code, 57);
  EXPECT_NE(unmounted.err.find("had died"), std::string::npos) << unmounted.err;
  EXPECT_FALSE(IsMounted());
  MountOrFail();
  EXPECT_EQ(Read("file"), std::string(100000, 's'));
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, ASignalToTheDaemonUnmountsAndCommits) {
  MountOrFail();
  Write("file", "before the signal");
  pid_t pid = Status()["pid"];
  auto process = ProcessOf(pid);
  kill(pid, SIGTERM);
  AwaitEnd(process);
  EXPECT_FALSE(IsMounted());
  MountOrFail();
  EXPECT_EQ(Read("file"), "before the signal");
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, ADaemonThatIsStuckIsNotWaitedForForever) {
  MountOrFail();
  pid_t pid = Status()["pid"];
  kill(pid, SIGSTOP);
  ProgramResult status = Chainfs({"status", mount_point_});
  ProgramResult unmounted = Unmount();
  kill(pid, SIGCONT);
  EXPECT_EQ(status.code, 57);
  EXPECT_NE(status.err.find("stuck"), std::string::npos) << status.err;
  EXPECT_EQ(unmounted.code, 57);
  EXPECT_TRUE(IsMounted());
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, InfoWorksOnAMountedVaultWithoutAKey) {
  MountOrFail();
  json info = json::parse(Chainfs({"info", vault_, "--json"}).out, nullptr, false);
  ASSERT_TRUE(info.is_object());
  EXPECT_EQ(info["vault"], vault_);
  EXPECT_EQ(info["volume_id"].get<std::string>().size(), 32u);
  EXPECT_EQ(info["slots"][0]["kind"], "passphrase");
  EXPECT_GE(info["slots"][0]["argon2id"]["memory_kib"].get<uint64_t>(), 8u * 1024);
  EXPECT_EQ(info["slots"][1]["kind"], "recovery key");
  EXPECT_GT(info["occupied_bytes"].get<uint64_t>(), 0u);
  EXPECT_EQ(info["mounted_at"], json::array({mount_point_}));
  ProgramResult text = Chainfs({"info", vault_});
  EXPECT_NE(text.out.find("Argon2id"), std::string::npos) << text.out;
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, InfoOfNoVaultSaysSo) {
  EXPECT_EQ(Chainfs({"info", scratch_ / "none"}).code, 42);
  EXPECT_EQ(Chainfs({"info", mount_point_}).code, 43);
}

TEST_F(MountedCommandsTest, ReadOnlyMountTakesNoWritesAndNeedsNoLock) {
  MountOrFail();
  Write("file", "content");
  ASSERT_EQ(Chainfs({"sync", mount_point_}).code, 0);
  std::string second = scratch_.Directory("second");
  ProgramResult beside = MountAt(second, "ro");
  EXPECT_EQ(beside.code, 0) << beside.err;
  EXPECT_EQ(RunProgram({"cat", second + "/file"}).out, "content");
  EXPECT_EQ(open((second + "/new").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), -1);
  EXPECT_EQ(errno, EROFS);
  EXPECT_EQ(Chainfs({"umount", second}).code, 0);
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, LogGoesToTheFileThatWasNamed) {
  std::string log = scratch_ / "log";
  MountOrFail("log=" + log);
  EXPECT_EQ(Unmount().code, 0);
  std::ifstream file(log);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_NE(text.find("mounted: vault=" + vault_), std::string::npos) << text;
  EXPECT_NE(text.find("transport="), std::string::npos) << text;
  EXPECT_NE(text.find("unmounted: vault=" + vault_), std::string::npos) << text;
  EXPECT_EQ(text.find(kPassphrase), std::string::npos);
  struct stat info {};
  ASSERT_EQ(stat(log.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(MountedCommandsTest, TheDaemonCanNeitherBeDumpedNorTraced) {
  MountOrFail();
  std::string proc = "/proc/" + std::to_string(Status()["pid"].get<pid_t>());
  std::ifstream limits(proc + "/limits");
  std::string core;
  for (std::string line; std::getline(limits, line);) {
    if (line.starts_with("Max core file size")) core = line;
  }
  EXPECT_NE(core.find(" 0 "), std::string::npos) << core;
  // The files of an undumpable process belong to root even if the process does not.
  struct stat info {};
  ASSERT_EQ(stat((proc + "/environ").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 0u);
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, TheVaultComesFromTheEnvironment) {
  ProgramOptions options;
  options.environment = {{"CHAINFS_VAULT", vault_}};
  ProgramResult mounted =
      RunProgram({kMountProgram, mount_point_, "-o", "passfile=" + passfile_}, options);
  EXPECT_EQ(mounted.code, 0) << mounted.err;
  EXPECT_EQ(Status()["vault"], vault_);
  EXPECT_EQ(Unmount().code, 0);
}

TEST_F(MountedCommandsTest, ExplainsMistakes) {
  EXPECT_EQ(Chainfs({}).code, 1);
  EXPECT_EQ(Chainfs({"dance"}).code, 1);
  EXPECT_EQ(Chainfs({"umount"}).code, 1);
  EXPECT_EQ(Chainfs({"--help"}).code, 0);
}

}  // namespace
}  // namespace chainfs::tools

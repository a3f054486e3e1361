// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mount/mounted_vault.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <fstream>

#include <nlohmann/json.hpp>
#include <optional>

#include "fs/store/store.h"
#include "tests/mount/io_uring_turned_on.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

constexpr int kPatienceMs = 10000;

}  // namespace

void MountedVault::SetUp() {
  VaultFixture::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  MountVault();
}

void MountedVault::TearDown() {
  if (daemon_ != 0 && IsMounted()) UnmountVault();
  VaultFixture::TearDown();
}

void MountedVault::MountVault(const std::string& options) {
  const bool io_uring = GetParam() == Transport::kIoUring;
  std::optional<IoUringTurnedOn> turned_on;
  if (io_uring) {
    if (!turned_on.emplace().succeeded()) {
      GTEST_SKIP() << "SKIPPED: this kernel has no FUSE over io_uring, that path is NOT TESTED";
    }
  }
  MountOrFail((io_uring ? "transport=io_uring" : "transport=classic") +
              (options.empty() ? "" : "," + options));
  if (HasFatalFailure()) return;
  const auto status =
      nlohmann::json::parse(Chainfs({"status", mount_point_, "--json"}).out, nullptr, false);
  ASSERT_TRUE(status.contains("pid")) << status.dump();
  daemon_ = status["pid"];
  process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, daemon_, 0)));
  if (io_uring && status["transport"] != "io_uring") {
    UnmountVault();
    GTEST_SKIP() << "SKIPPED: no io_uring, that path is NOT TESTED: " << status["transport_hint"];
  }
}

void MountedVault::UnmountVault() {
  const tools::ProgramResult result = Unmount();
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_FALSE(IsMounted());
  pollfd fd{process_.get(), POLLIN, 0};
  EXPECT_EQ(poll(&fd, 1, 0), 1) << "the daemon still runs";
  daemon_ = 0;
}

void MountedVault::Remount() {
  UnmountVault();
  MountVault();
}

void MountedVault::KillDaemon() { CrashDaemon(SIGKILL); }

void MountedVault::CrashDaemon(int signal) {
  ASSERT_EQ(kill(daemon_, signal), 0);
  AwaitCrash();
}

void MountedVault::AwaitCrash() {
  const Descriptor table(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  pollfd ended{process_.get(), POLLIN, 0};
  if (poll(&ended, 1, kPatienceMs) != 1) {
    umount2(mount_point_.c_str(), MNT_FORCE | MNT_DETACH);
    FAIL() << "the daemon hangs in its own mount";
  }
  daemon_ = 0;
  while (IsMounted()) {
    pollfd changed{table.get(), POLLPRI, 0};
    ASSERT_EQ(poll(&changed, 1, kPatienceMs), 1) << "a dead mount stays";
  }
}

size_t MountedVault::DamageRegions(size_t most) {
  auto store = fs::store::Store::Open(vault_, {});
  EXPECT_TRUE(store);
  std::vector<std::pair<ObjectId, Bytes>> damaged;
  {
    auto txn = (*store)->BeginRead();
    txn->ForEachObject(ObjectId(0), [&](ObjectId id, ByteView sealed) {
      if (sealed.size() >= kRegionBytes)
        damaged.emplace_back(id, Bytes(sealed.begin(), sealed.end()));
      return damaged.size() < most;
    });
  }
  auto txn = (*store)->BeginWrite();
  EXPECT_TRUE(txn);
  for (auto& [id, blob] : damaged) {
    blob[1000] ^= 4;
    EXPECT_TRUE(txn->DeleteObject(id));
    EXPECT_TRUE(txn->PutObject(id, blob));
  }
  EXPECT_TRUE(txn->Commit());
  return damaged.size();
}

void MountedVault::DropCaches() { std::ofstream("/proc/sys/vm/drop_caches") << "3"; }

std::string MountedVault::Shell(const std::string& line) {
  return RunShell({"sh", "-euc", "cd \"$MNT\"\n" + line});
}

std::string MountedVault::Script(const std::string& name, const std::string& argument) {
  const std::string path = std::string(CHAINFS_MOUNT_SCRIPTS) + "/" + name + ".sh";
  return RunShell({"sh", "-euc", "cd \"$MNT\"\n. \"$0\"", path, argument});
}

std::string MountedVault::RunShell(const std::vector<std::string>& arguments) {
  const tools::ProgramResult result =
      tools::RunProgram(arguments, {.input = {},
                                    .environment = {{"MNT", mount_point_},
                                                    {"SCRATCH", scratch_.path()},
                                                    {"HOME", scratch_.Directory("home")},
                                                    {"LC_ALL", "C"}},
                                    .user = {}});
  EXPECT_EQ(result.code, 0) << "script: " << arguments.at(2) << "\nstdout:\n"
                            << result.out << "\nstderr:\n"
                            << result.err;
  return result.out;
}

bool MountedVault::Have(const std::vector<std::string>& programs) {
  const auto skip = [](const std::string& program) {
    GTEST_SKIP() << "SKIPPED: not installed: " << program;
  };
  for (const std::string& program : programs) {
    if (tools::RunProgram({"sh", "-c", "command -v " + program}).code != 0) skip(program);
  }
  return !IsSkipped();
}

std::string TransportName(const testing::TestParamInfo<Transport>& info) {
  return info.param == Transport::kClassic ? "Classic" : "IoUring";
}

}  // namespace chainfs::mount_test

// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon is killed under load, again and again: its anchor is never ahead of the vault, which
// therefore mounts every time, and never far behind.
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "crypto/header.h"
#include "fs/anchor/anchor_directory.h"
#include "fs/anchor/checkpoint_head.h"
#include "fs/store/vault_directory.h"
#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

constexpr int kKills = 10;
constexpr auto kFewSeconds = std::chrono::seconds(5);

class AnchorCrashTest : public MountedVault {
 protected:
  // How many records the anchor covers.
  uint64_t Anchored() {
    const auto copies = fs::store::ReadHeader(vault_);
    const VolumeId volume = crypto::ParseHeader(copies->first)->volume_id;
    const auto anchor = fs::anchor::AnchorDirectory(tools::TestAnchors()).Find(volume);
    EXPECT_TRUE(anchor && *anchor);
    return anchor && *anchor ? fs::anchor::HeadOf((*anchor)->note)->size : 0;
  }
  // How many the vault has.
  uint64_t Recorded() {
    const auto status =
        nlohmann::json::parse(Chainfs({"status", mount_point_, "--json"}).out, nullptr, false);
    return status.value("head", uint64_t{0}) + 1;
  }
  std::thread StartLoad() {
    root_ = Descriptor(open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return std::thread([this] {
      for (uint64_t i = 0;; ++i) {
        const std::string name = "f" + std::to_string(i % 7), data(5000, 'd');
        const Descriptor file(
            openat(root_.get(), name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        if (!file || write(file.get(), data.data(), data.size()) < 0) return;
        if (fsync(file.get()) != 0) return;
      }
    });
  }
  Descriptor root_;
};

TEST_P(AnchorCrashTest, NeverLeadsAndLagsByAFewSecondsAtMost) {
  std::mt19937 random(7);
  for (int kill = 0; kill < kKills; ++kill) {
    std::thread load = StartLoad();
    const uint64_t recorded = Recorded() + random() % 20;
    while (Recorded() < recorded) std::this_thread::yield();
    if (kill % 5 == 0) {
      // What is recorded now is anchored soon, however busy the vault is.
      const auto deadline = std::chrono::steady_clock::now() + kFewSeconds;
      const uint64_t now = Recorded();
      while (Anchored() < now && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
      }
      EXPECT_GE(Anchored(), now);
    }
    KillDaemon();
    load.join();
    root_ = Descriptor();
    if (HasFatalFailure()) return;
    const uint64_t anchored = Anchored();
    MountVault();
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_GE(Recorded(), anchored) << "kill " << kill;
  }
  UnmountVault();
  MountVault("ro");
  if (IsSkipped() || HasFatalFailure()) return;
  const auto status =
      nlohmann::json::parse(Chainfs({"status", mount_point_, "--json"}).out, nullptr, false);
  EXPECT_EQ(status["anchor"]["problem"], "");
}

CHAINFS_ON_BOTH_TRANSPORTS(AnchorCrashTest);

}  // namespace
}  // namespace chainfs::mount_test

// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon is killed in the middle of a write load, again and again. The vault must mount every
// time, and what was fsynced must be there.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using fs::store::Descriptor;

constexpr int kKills = 50;
constexpr int kWriters = 3;
constexpr int kFilesPerWriter = 12;

// What a file holds is determined by its name and its version, so that a version number is enough
// to remember.
std::string Content(const std::string& name, uint64_t version) {
  std::mt19937_64 random(std::hash<std::string>()(name) ^ (version * 0x9e3779b97f4a7c15));
  std::string content = std::to_string(version) + " ";
  content.resize(100 + random() % 200000);
  for (size_t i = 20; i < content.size(); ++i) content[i] = static_cast<char>('a' + random() % 26);
  return content;
}

// The versions of a file that may be there after a crash: from the last one that was fsynced to the
// last one that was begun.
struct Bounds {
  uint64_t durable = 0, begun = 0;
};

class CrashTest : public MountedVault {
 protected:
  // Writes versions, in place or by way of rename, until the daemon is gone.
  void RunWriter(int writer, unsigned seed) {
    std::mt19937 random(seed);
    for (;;) {
      const std::string name =
          "w" + std::to_string(writer) + "-" + std::to_string(random() % kFilesPerWriter);
      Bounds& bounds = files_[static_cast<size_t>(writer)][name];
      const uint64_t version = bounds.begun + 1;
      bounds.begun = version;
      if (!WriteVersion(name, version)) return;
      if (random() % 2 == 0) continue;
      if (!Sync(name)) return;
      bounds.durable = version;
      ++synced_;
    }
  }

  bool WriteVersion(const std::string& name, uint64_t version) {
    const std::string content = Content(name, version), temporary = name + ".new";
    const Descriptor file(
        openat(root_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) return false;
    const ssize_t n = write(file.get(), content.data(), content.size());
    if (n != static_cast<ssize_t>(content.size()) || fsync(file.get()) != 0) return false;
    return renameat(root_.get(), temporary.c_str(), root_.get(), name.c_str()) == 0;
  }

  bool Sync(const std::string& name) {
    const Descriptor file(openat(root_.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
    return file && fsync(file.get()) == 0 && fsync(root_.get()) == 0;
  }

  void CheckAll() {
    for (auto& files : files_) {
      for (auto& [name, bounds] : files) {
        const std::string content = Read(name);
        const uint64_t version = content.empty() ? 0 : std::stoull(content);
        ASSERT_GE(version, bounds.durable) << name << ": what was fsynced is lost";
        ASSERT_LE(version, bounds.begun) << name;
        if (version != 0) {
          ASSERT_TRUE(content == Content(name, version)) << name << " is torn";
        }
        bounds.durable = bounds.begun = version;
      }
    }
  }

  Descriptor root_;  // by way of which the writers find the mount, and not what it covered
  std::array<std::map<std::string, Bounds>, kWriters> files_;
  std::atomic<uint64_t> synced_ = 0;
};

TEST_P(CrashTest, KillNineTimesFifty) {
  std::mt19937 random(12345);
  for (int kill = 0; kill < kKills; ++kill) {
    root_ = Descriptor(open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back(
          [this, i, seed = static_cast<unsigned>(random())] { RunWriter(i, seed); });
    }
    // Somewhere in the load, a different place every time.
    std::this_thread::sleep_for(std::chrono::microseconds(20000 + random() % 300000));
    KillDaemon();
    for (std::thread& writer : writers) writer.join();
    root_ = Descriptor();
    if (HasFatalFailure()) return;
    MountVault();
    if (IsSkipped() || HasFatalFailure()) return;
    CheckAll();
    if (HasFatalFailure()) FAIL() << "after kill " << kill;
  }
  EXPECT_GT(synced_, kKills) << "the load was too light to show anything";
  EXPECT_EQ(Chainfs({"info", vault_}).code, 0);
}

CHAINFS_ON_BOTH_TRANSPORTS(CrashTest);

}  // namespace
}  // namespace chainfs::mount_test

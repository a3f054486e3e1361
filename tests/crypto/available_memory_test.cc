// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/available_memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

namespace chainfs::crypto {
namespace {

constexpr uint64_t kMiB = 1 << 20;

// A directory with a machine's proc/ and sys/.
class AvailableMemoryTest : public testing::Test {
 protected:
  AvailableMemoryTest() {
    std::string path = testing::TempDir() + "/available_memory.XXXXXX";
    root_ = mkdtemp(path.data());
    root_ += '/';
  }
  ~AvailableMemoryTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << content;
  }
  void Machine(uint64_t mib) {
    Write("proc/meminfo",
          "MemTotal:       99999999 kB\nMemFree:          123 kB\nMemAvailable:   " +
              std::to_string(mib * 1024) + " kB\nBuffers: 1 kB\n");
  }
  uint64_t Available() { return AvailableMemoryBytes(root_) / kMiB; }

  std::string root_;
};

TEST_F(AvailableMemoryTest, IsWhatTheMachineHas) {
  Machine(1000);
  EXPECT_EQ(Available(), 1000u);
}

TEST_F(AvailableMemoryTest, IsUnlimitedWhereNothingIsKnown) {
  EXPECT_EQ(AvailableMemoryBytes(root_), std::numeric_limits<uint64_t>::max());
}

TEST_F(AvailableMemoryTest, HeedsTheLimitOfEveryControlGroupAbove) {
  Machine(1000);
  Write("proc/self/cgroup", "1:name=systemd:/x\n0::/user.slice/session\n");
  Write("sys/fs/cgroup/user.slice/session/memory.max", "max\n");
  Write("sys/fs/cgroup/user.slice/session/memory.current", "1048576\n");
  EXPECT_EQ(Available(), 1000u);
  Write("sys/fs/cgroup/user.slice/memory.max", std::to_string(300 * kMiB));
  Write("sys/fs/cgroup/user.slice/memory.current", std::to_string(100 * kMiB));
  EXPECT_EQ(Available(), 200u);
  Write("sys/fs/cgroup/memory.max", std::to_string(150 * kMiB));  // a container's own root
  Write("sys/fs/cgroup/memory.current", std::to_string(100 * kMiB));
  EXPECT_EQ(Available(), 50u);
}

TEST_F(AvailableMemoryTest, HeedsControlGroupsOfVersion1) {
  Machine(1000);
  Write("proc/self/cgroup", "9:name=systemd:/\n4:memory:/docker/0123\n0::/\n");
  Write("sys/fs/cgroup/memory/docker/0123/memory.limit_in_bytes", std::to_string(300 * kMiB));
  Write("sys/fs/cgroup/memory/docker/0123/memory.usage_in_bytes", std::to_string(250 * kMiB));
  EXPECT_EQ(Available(), 50u);
  Write("sys/fs/cgroup/memory/docker/0123/memory.stat",
        "total_inactive_file " + std::to_string(100 * kMiB) + "\n");
  EXPECT_EQ(Available(), 150u);
}

TEST_F(AvailableMemoryTest, CountsDroppableCacheAsAvailable) {
  Machine(1000);
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", std::to_string(300 * kMiB));
  Write("sys/fs/cgroup/memory.current", std::to_string(290 * kMiB));
  EXPECT_EQ(Available(), 10u);
  Write("sys/fs/cgroup/memory.stat",
        "anon 5\nfile 7\ninactive_file " + std::to_string(200 * kMiB) + "\n");
  EXPECT_EQ(Available(), 210u);
}

TEST_F(AvailableMemoryTest, IsZeroOverTheLimit) {
  Machine(1000);
  Write("sys/fs/cgroup/memory.max", "1000");
  Write("sys/fs/cgroup/memory.current", "2000");
  EXPECT_EQ(AvailableMemoryBytes(root_), 0u);
}

TEST_F(AvailableMemoryTest, SurvivesOddFiles) {
  Write("proc/meminfo", "MemAvailable:\n");
  Write("proc/self/cgroup", "0::/../..\n0::\nnonsense");
  Write("sys/fs/cgroup/memory.max", "");
  EXPECT_EQ(AvailableMemoryBytes(root_), std::numeric_limits<uint64_t>::max());
}

TEST(AvailableMemoryHereTest, KnowsThisMachine) {
  EXPECT_GT(AvailableMemoryBytes(), kMiB);
  EXPECT_LT(AvailableMemoryBytes(), std::numeric_limits<uint64_t>::max());
}

}  // namespace
}  // namespace chainfs::crypto

// SPDX-License-Identifier: GPL-3.0-or-later
// The policy of the threads that serve the rings: SCHED_IDLE in a burst of requests, and nobody
// ever waits long for it.
#include <sched.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/mount/mounted_vault.h"

namespace chainfs::mount_test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class RingPriorityTest : public MountedVault {
 protected:
  // How many of the daemon's ring threads have the policy.
  int CountRings(int policy) const {
    int count = 0;
    const std::string tasks = "/proc/" + std::to_string(daemon()) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      std::string name;
      std::ifstream(task.path() / "comm") >> name;
      if (!name.starts_with("fuse-ring")) continue;
      if (sched_getscheduler(std::stoi(task.path().filename())) == policy) ++count;
    }
    return count;
  }
  // Threads of the daemon that are no ring's, and would not run when they should.
  std::vector<std::string> CrippledThreads() const {
    std::vector<std::string> crippled;
    const std::string tasks = "/proc/" + std::to_string(daemon()) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      std::string name;
      std::ifstream(task.path() / "comm") >> name;
      if (name.starts_with("fuse-ring")) continue;
      const pid_t thread = std::stoi(task.path().filename());
      cpu_set_t cpus;
      if (sched_getaffinity(thread, sizeof cpus, &cpus) != 0) continue;  // it has ended
      const bool pinned = CPU_COUNT(&cpus) < static_cast<int>(std::thread::hardware_concurrency());
      const int policy = sched_getscheduler(thread);
      if (policy != SCHED_OTHER || pinned) {
        crippled.push_back(name + (pinned ? ", pinned" : "") + ", policy " +
                           std::to_string(policy));
      }
    }
    return crippled;
  }
  // One request: nothing of this name is remembered.
  void Ask(int number) const {
    struct stat info;
    EXPECT_EQ(stat(In("absent" + std::to_string(number)).c_str(), &info), -1);
  }
  void MakeBurst(milliseconds length) {
    for (const auto end = Clock::now() + length; Clock::now() < end;) Ask(next_++);
  }

  int next_ = 0;
};

TEST_P(RingPriorityTest, YieldsWhileRequestsFollowEachOther) {
  const int rings = CountRings(SCHED_OTHER);
  if (GetParam() == Transport::kClassic) {
    EXPECT_EQ(rings, 0);
    return;
  }
  ASSERT_GT(rings, 0);
  int most = 0;
  for (int round = 0; round < 100 && most == 0; ++round) {
    MakeBurst(milliseconds(20));
    most = std::max(most, CountRings(SCHED_IDLE));
  }
  EXPECT_GT(most, 0);
  // After a pause of 50 ms they are ordinary threads again.
  const auto deadline = Clock::now() + milliseconds(5000);
  while (CountRings(SCHED_OTHER) != rings && Clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_EQ(CountRings(SCHED_OTHER), rings);
}

// Threads that a ring's thread starts inherit nothing of what it is.
TEST_P(RingPriorityTest, OtherThreadsAreOrdinary) {
  Write("big", std::string(8 << 20, 'b'));
  Remount();
  if (IsSkipped() || HasFatalFailure()) return;
  for (int round = 0; round < 20; ++round) {
    MakeBurst(milliseconds(10));
    EXPECT_EQ(Read("big").size(), size_t{8} << 20);
    Write("small" + std::to_string(round), "x");
    EXPECT_EQ(Shell("sync -f small" + std::to_string(round)), "");
    EXPECT_EQ(CrippledThreads(), std::vector<std::string>());
    if (HasFailure()) return;
  }
}

// A yielding thread gets nothing of a CPU that others want: it must not stay one.
TEST_P(RingPriorityTest, IsServedOnABusyMachine) {
  MakeBurst(milliseconds(100));
  std::atomic<bool> enough{false};
  std::vector<std::thread> hogs;
  for (unsigned i = 0; i < 2 * std::max(std::thread::hardware_concurrency(), 1u); ++i) {
    hogs.emplace_back([&] {
      while (!enough) {
      }
    });
  }
  auto longest = Clock::duration::zero();
  for (const auto end = Clock::now() + milliseconds(2000); Clock::now() < end;) {
    const auto begin = Clock::now();
    Ask(next_++);
    longest = std::max(longest, Clock::now() - begin);
  }
  enough = true;
  for (std::thread& hog : hogs) hog.join();
  EXPECT_LT(longest, milliseconds(1000));
}

CHAINFS_ON_BOTH_TRANSPORTS(RingPriorityTest);

}  // namespace
}  // namespace chainfs::mount_test
